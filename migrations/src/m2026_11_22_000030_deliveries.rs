//! Messages that are owed to clients, until they are taken or given up.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = r"
CREATE TABLE deliveries (
    tenant_id       {uuid} NOT NULL,
    id              {uuid} NOT NULL,
    client_uid      {uuid} NOT NULL,
    kind            {text} NOT NULL,
    target          {text} NOT NULL,
    place           {text} NOT NULL,
    body            {text} NOT NULL,
    attempts        {int} NOT NULL,
    created_at      {int} NOT NULL,
    next_attempt_at {int} NOT NULL,
    expires_at      {int} NOT NULL,
    last_error      {text},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX deliveries_next_attempt_at ON deliveries (next_attempt_at, place);
CREATE INDEX deliveries_client ON deliveries (tenant_id, client_uid);
CREATE INDEX deliveries_expires_at ON deliveries (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
