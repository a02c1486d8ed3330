//! Challenges and nonces that clients used lately, and when was last told of one that came again.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE fresh_values (
    tenant_id   {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    kind        {text} NOT NULL CHECK (kind IN ('challenge', 'nonce')),
    place       {int} NOT NULL,
    digest      {bytes} NOT NULL,
    session_id  {uuid} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, client_uid, kind, place),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX fresh_values_expires_at ON fresh_values (expires_at);

CREATE TABLE fresh_warnings (
    tenant_id   {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    kind        {text} NOT NULL CHECK (kind IN ('challenge', 'nonce')),
    quiet_until {int} NOT NULL,
    PRIMARY KEY (tenant_id, client_uid, kind),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX fresh_warnings_quiet_until ON fresh_warnings (quiet_until);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
