//! The pages that were answered, for as long as somebody would take their form again.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = r"
CREATE TABLE answered_pages (
    tenant_id   {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    digest      {bytes} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, digest)
) {table};

CREATE INDEX answered_pages_expires_at ON answered_pages (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
