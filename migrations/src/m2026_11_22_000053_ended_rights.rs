//! Role bindings and API keys by their end, wherever they are: what ended a while ago is removed.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
CREATE INDEX role_bindings_ended ON role_bindings (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX admin_keys_ended ON admin_keys (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
