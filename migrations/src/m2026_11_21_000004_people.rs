//! Users, their sessions, and what they have allowed.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE users (
    tenant_id       {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              {uuid} NOT NULL,
    username        {text} NOT NULL,
    email           {text},
    email_verified  {bool} NOT NULL,
    claims          {text} NOT NULL,
    password        {text},
    state           {text} NOT NULL CHECK (state IN ('enabled', 'disabled')),
    version         {int} NOT NULL,
    created_at      {int} NOT NULL,
    updated_at      {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, username),
    UNIQUE (tenant_id, email)
) {table};

CREATE TABLE sessions (
    tenant_id         {uuid} NOT NULL,
    id                {uuid} NOT NULL,
    digest            {bytes} NOT NULL,
    user_id           {uuid} NOT NULL,
    authenticated_at  {int} NOT NULL,
    amr               {text} NOT NULL,
    last_seen_at      {int} NOT NULL,
    expires_at        {int} NOT NULL,
    ended_at          {int},
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {table};

CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_ended_at ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE consents (
    tenant_id   {uuid} NOT NULL,
    user_id     {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    scopes      {text} NOT NULL,
    granted_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, user_id, client_uid),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};

CREATE INDEX consents_client ON consents (tenant_id, client_uid);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
