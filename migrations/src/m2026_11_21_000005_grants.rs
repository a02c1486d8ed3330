//! Grants and what hangs on them: codes, refresh tokens, and access tokens that were taken back.
//!
//! A kind of one-time object is a table of its own, so that none can be read as another.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE grants (
    tenant_id         {uuid} NOT NULL,
    id                {uuid} NOT NULL,
    client_uid        {uuid} NOT NULL,
    user_id           {uuid} NOT NULL,
    session_id        {uuid} NOT NULL,
    scopes            {text} NOT NULL,
    offline           {bool} NOT NULL,
    authenticated_at  {int} NOT NULL,
    amr               {text} NOT NULL,
    created_at        {int} NOT NULL,
    expires_at        {int} NOT NULL,
    revoked_at        {int},
    revoked_reason    {text},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
) {table};

CREATE INDEX grants_client ON grants (tenant_id, client_uid);
CREATE INDEX grants_user ON grants (tenant_id, user_id);
CREATE INDEX grants_session ON grants (tenant_id, session_id);
CREATE INDEX grants_expires_at ON grants (expires_at);

CREATE TABLE codes (
    tenant_id           {uuid} NOT NULL,
    digest              {bytes} NOT NULL,
    grant_id            {uuid} NOT NULL,
    client_uid          {uuid} NOT NULL,
    user_id             {uuid} NOT NULL,
    session_id          {uuid} NOT NULL,
    redirect_uri        {text} NOT NULL,
    redirect_uri_asked  {bool} NOT NULL,
    challenge           {text},
    nonce               {text},
    scopes              {text} NOT NULL,
    authenticated_at    {int} NOT NULL,
    amr                 {text} NOT NULL,
    issued_at           {int} NOT NULL,
    expires_at          {int} NOT NULL,
    redeemed_at         {int},
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {table};

CREATE INDEX codes_client ON codes (tenant_id, client_uid);
CREATE INDEX codes_user ON codes (tenant_id, user_id);
CREATE INDEX codes_expires_at ON codes (expires_at);

CREATE TABLE refresh_families (
    tenant_id   {uuid} NOT NULL,
    id          {uuid} NOT NULL,
    grant_id    {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    created_at  {int} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES grants (tenant_id, id) ON DELETE CASCADE
) {table};

CREATE INDEX refresh_families_grant ON refresh_families (tenant_id, grant_id);
CREATE INDEX refresh_families_expires_at ON refresh_families (expires_at);

CREATE TABLE refresh_tokens (
    tenant_id     {uuid} NOT NULL,
    digest        {bytes} NOT NULL,
    family_id     {uuid} NOT NULL,
    issued_at     {int} NOT NULL,
    expires_at    {int} NOT NULL,
    spent_at      {int},
    child_digest  {bytes},
    sealed_child  {bytes},
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, family_id) REFERENCES refresh_families (tenant_id, id) ON DELETE CASCADE,
    CHECK ((spent_at IS NULL) = (child_digest IS NULL) AND (spent_at IS NULL) = (sealed_child IS NULL))
) {table};

CREATE INDEX refresh_tokens_family ON refresh_tokens (tenant_id, family_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE denied_tokens (
    tenant_id  {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    token_id   {text} NOT NULL,
    until      {int} NOT NULL,
    PRIMARY KEY (tenant_id, token_id)
) {table};

CREATE INDEX denied_tokens_until ON denied_tokens (until);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
