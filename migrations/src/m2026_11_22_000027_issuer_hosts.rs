//! Hosts that tenants have for themselves. A host is one tenant's alone, as long as its row is there.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMN: &str = r"
ALTER TABLE tenants ADD COLUMN issuer_host {text};
CREATE UNIQUE INDEX tenants_issuer_host ON tenants (issuer_host) WHERE issuer_host IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMN).await
    }
}
