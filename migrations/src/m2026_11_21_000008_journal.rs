//! What happened and who does what: audit events, the change feed, leases, and answers to repeated requests.
//!
//! A change's place must never lie before one that somebody has read. On SQLite there is one writer, and the database
//! counts. On PostgreSQL transactions end in another order than they begin, so a place is made of the transaction's own
//! number and a count within it: whoever has read everything below the oldest transaction still running
//! (`pg_snapshot_xmin`) has missed nothing.
//!
//! Audit events and remembered requests hold no foreign key: they outlive what they tell of.

use sea_orm_migration::prelude::*;

use crate::{Dialect, dialect::is_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES_SQLITE: &str = "
CREATE TABLE changes (
    sequence   {serial},
    tenant_id  {uuid},
    noun       {text} NOT NULL,
    object_id  {text} NOT NULL,
    at         {int} NOT NULL
) {journal};
";

const CHANGES_POSTGRES: &str = "
CREATE TABLE changes (
    sequence   {int} NOT NULL PRIMARY KEY,
    tenant_id  {uuid},
    noun       {text} NOT NULL,
    object_id  {text} NOT NULL,
    at         {int} NOT NULL
);
";

const TABLES: &str = "
CREATE INDEX changes_at ON changes (at);

CREATE TABLE audit_events (
    sequence     {serial},
    tenant_id    {uuid},
    at           {int} NOT NULL,
    actor_kind   {text} NOT NULL,
    actor_id     {text} NOT NULL,
    action       {text} NOT NULL,
    object_noun  {text},
    object_id    {text},
    reason       {text}
) {journal};

CREATE TABLE leases (
    task    {text} NOT NULL PRIMARY KEY,
    holder  {text} NOT NULL,
    until   {int} NOT NULL
) {table};

CREATE TABLE remembered_requests (
    tenant_id       {uuid} NOT NULL,
    caller          {text} NOT NULL,
    method          {text} NOT NULL,
    request_id      {text} NOT NULL,
    request_digest  {bytes} NOT NULL,
    answer          {bytes} NOT NULL,
    until           {int} NOT NULL,
    PRIMARY KEY (tenant_id, caller, method, request_id)
) {table};

CREATE INDEX remembered_requests_until ON remembered_requests (until);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changes = if is_postgres(manager) { CHANGES_POSTGRES } else { CHANGES_SQLITE };
        Dialect::run(manager, changes).await?;
        Dialect::run(manager, TABLES).await
    }
}
