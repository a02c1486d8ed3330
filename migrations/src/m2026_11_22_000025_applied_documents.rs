//! The document that was last applied to each tenant.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
CREATE TABLE applied_documents (
    tenant_id   {uuid} NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    document    {bytes} NOT NULL,
    applied_by  {text} NOT NULL,
    applied_at  {int} NOT NULL,
    version     {int} NOT NULL
) {table};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
