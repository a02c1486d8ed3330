//! What operators ask of people's sessions, grants and consents, a page at a time; when clients' secrets were used; and
//! the links by which people choose their passwords.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Each of the wide indexes takes the place of the narrow one that it begins with, so that a sign-in writes no more
/// than before.
const CHANGES: &str = r"
ALTER TABLE client_secrets ADD COLUMN last_used_at {int};

CREATE TABLE password_links (
    tenant_id   {uuid} NOT NULL,
    user_id     {uuid} NOT NULL,
    digest      {bytes} NOT NULL,
    created_at  {int} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    UNIQUE (tenant_id, digest),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {table};

CREATE INDEX password_links_expires_at ON password_links (expires_at);

CREATE INDEX sessions_user_id ON sessions (tenant_id, user_id, id);
DROP INDEX sessions_user;

CREATE INDEX consents_client_user ON consents (tenant_id, client_uid, user_id);
DROP INDEX consents_client;

CREATE INDEX grants_client_id ON grants (tenant_id, client_uid, id);
DROP INDEX grants_client;
CREATE INDEX grants_user_id ON grants (tenant_id, user_id, id);
DROP INDEX grants_user;
CREATE INDEX grants_session_id ON grants (tenant_id, session_id, id);
DROP INDEX grants_session;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
