//! Where API keys may come from, and the tokens by which the first owner comes in. Of these only digests are kept.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
ALTER TABLE admin_keys ADD COLUMN source_ranges {text};

CREATE TABLE bootstrap_tokens (
    digest      {bytes} NOT NULL PRIMARY KEY,
    expires_at  {int} NOT NULL
) {table};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
