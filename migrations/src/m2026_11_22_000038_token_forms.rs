//! How often a family of refresh tokens was used.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &str = r"
ALTER TABLE refresh_tokens ADD COLUMN turns {int} NOT NULL DEFAULT 0;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMNS).await
    }
}
