//! The proofs of possession that were used, until nobody would take them for fresh ones any more.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = r"
CREATE TABLE used_proofs (
    tenant_id   {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    digest      {bytes} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, client_uid, digest),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX used_proofs_expires_at ON used_proofs (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
