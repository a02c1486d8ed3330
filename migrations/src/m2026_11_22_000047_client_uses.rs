//! When clients that registered themselves were last used. Those that are there already count as used now: nobody wrote it
//! down before.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
ALTER TABLE clients ADD COLUMN last_used_at {int};

UPDATE clients SET last_used_at = {now} WHERE registration_token IS NOT NULL;

CREATE INDEX clients_unused ON clients (tenant_id, COALESCE(last_used_at, created_at))
    WHERE registration_token IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
