//! The change feed says what became of a thing, and can be read for one tenant.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The version before writes no kind.
const KINDS: &str = r"
ALTER TABLE changes ADD COLUMN kind {text};

CREATE INDEX changes_of_tenant ON changes (tenant_id, sequence);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, KINDS).await
    }
}
