//! API keys of administrators, of which only digests are kept.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE admin_keys (
    id            {uuid} NOT NULL PRIMARY KEY,
    digest        {bytes} NOT NULL UNIQUE,
    hint          {text} NOT NULL,
    display_name  {text} NOT NULL,
    tenant_id     {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
    created_at    {int} NOT NULL,
    expires_at    {int} NOT NULL
) {table};

CREATE INDEX admin_keys_reach ON admin_keys (tenant_id, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
