//! The clients that take part in a session and want to hear of its end.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Grants would not do for that: they go when their tokens are over, which can be long before the session is.
const TABLE: &str = r"
CREATE TABLE session_clients (
    tenant_id   {uuid} NOT NULL,
    session_id  {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    PRIMARY KEY (tenant_id, session_id, client_uid),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX session_clients_client ON session_clients (tenant_id, client_uid);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
