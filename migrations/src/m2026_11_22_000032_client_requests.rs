//! What clients send ahead of a browser, and what they proved themselves with.
//!
//! Each is a table of its own, as every kind of one-time object is.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE pushed_requests (
    tenant_id   {uuid} NOT NULL,
    digest      {bytes} NOT NULL,
    client_uid  {uuid} NOT NULL,
    sealed      {bytes} NOT NULL,
    pushed_at   {int} NOT NULL,
    expires_at  {int} NOT NULL,
    used_at     {int},
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX pushed_requests_client ON pushed_requests (tenant_id, client_uid, expires_at);
CREATE INDEX pushed_requests_expires_at ON pushed_requests (expires_at);
CREATE INDEX pushed_requests_used_at ON pushed_requests (used_at);

CREATE TABLE used_assertions (
    tenant_id   {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    digest      {bytes} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, client_uid, digest),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
