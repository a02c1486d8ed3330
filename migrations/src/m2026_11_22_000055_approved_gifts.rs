//! What a call that waits for approval gives to others: whoever approves must have it too. Rows from before say nothing,
//! and live for an hour.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMN: &str = "ALTER TABLE approvals ADD COLUMN gives {text};";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMN).await
    }
}
