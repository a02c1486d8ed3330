//! Secrets that the server shares and signs with: those of clients whose ID tokens are signed by HS256. Kept sealed.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
ALTER TABLE clients ADD COLUMN id_token_alg {text};
ALTER TABLE client_secrets ADD COLUMN sealed {bytes};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
