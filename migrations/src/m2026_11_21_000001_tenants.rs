//! Tenants, and the settings that each carries.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE tenants (
    id            {uuid} NOT NULL PRIMARY KEY,
    slug          {text} NOT NULL UNIQUE,
    display_name  {text} NOT NULL,
    profile       {text} NOT NULL CHECK (profile IN ('oauth21', 'oidc')),
    state         {text} NOT NULL CHECK (state IN ('active', 'suspended', 'deleted')),
    deleted_at    {int},
    purge_at      {int},
    settings      {text} NOT NULL,
    version       {int} NOT NULL,
    created_at    {int} NOT NULL,
    updated_at    {int} NOT NULL,
    CHECK ((state = 'deleted') = (deleted_at IS NOT NULL AND purge_at IS NOT NULL))
) {table};

CREATE INDEX tenants_purge_at ON tenants (purge_at) WHERE purge_at IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
