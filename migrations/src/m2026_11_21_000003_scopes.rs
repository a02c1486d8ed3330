//! Scopes that tenants made for themselves; the built-in ones have no rows.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE scopes (
    tenant_id    {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    slug         {text} NOT NULL,
    value        {text} NOT NULL,
    description  {text} NOT NULL,
    claims       {text} NOT NULL,
    version      {int} NOT NULL,
    created_at   {int} NOT NULL,
    updated_at   {int} NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    UNIQUE (tenant_id, value)
) {table};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
