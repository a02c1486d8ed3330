//! What clients register beyond what every client has: one column of JSON, because no query looks into it.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMN: &str = "ALTER TABLE clients ADD COLUMN metadata {text} NOT NULL DEFAULT '{}';";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMN).await
    }
}
