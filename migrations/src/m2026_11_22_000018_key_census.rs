//! Counting the keys of all tenants by their state without reading a single key.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Purged keys pile up for ever and are not counted.
const INDEX: &str = r"
CREATE INDEX keys_census ON keys (state, algorithm, activated_at, tenant_id) WHERE state <> 'purged';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, INDEX).await
    }
}
