//! The keys that codes and families of refresh tokens are bound to.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &str = r"
ALTER TABLE codes ADD COLUMN confirmation {text};
ALTER TABLE refresh_families ADD COLUMN confirmation {text};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMNS).await
    }
}
