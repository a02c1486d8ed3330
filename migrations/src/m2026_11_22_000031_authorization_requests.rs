//! What an authorization request asks to be told, on its way through code and grant; and whether a grant began with the
//! code, because a token of it left through the browser.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &str = r"
ALTER TABLE codes ADD COLUMN acr {text};
ALTER TABLE codes ADD COLUMN claims {text};
ALTER TABLE codes ADD COLUMN grant_begun {bool} NOT NULL DEFAULT (1 = 0);
ALTER TABLE grants ADD COLUMN acr {text};
ALTER TABLE grants ADD COLUMN claims {text};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, COLUMNS).await
    }
}
