//! Re-wrapping: one row that says where tenants' own keys move to, a note on those that do not open, and the way to
//! what is sealed under one master key.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE rewrap (
    id          {int} NOT NULL PRIMARY KEY CHECK (id = 1),
    target      {text} NOT NULL,
    state       {text} NOT NULL CHECK (state IN ('running', 'paused', 'done')),
    started_by  {uuid} NOT NULL,
    started_at  {int} NOT NULL,
    updated_at  {int} NOT NULL,
    version     {int} NOT NULL
) {table};

ALTER TABLE tenant_keks ADD COLUMN failed_at {int};

CREATE INDEX tenant_keks_master_key ON tenant_keks (master_key, tenant_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
