//! Who may do what: roles that tenants make, who has which role, and what a second person has to approve. Every API key of before gets the role that it had
//! by its reach; a re-wrap is started by whoever may, which a column of ids of API keys has no room for.

use sea_orm_migration::prelude::*;

use crate::{Dialect, dialect::is_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
CREATE TABLE roles (
    tenant_id     {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            {uuid} NOT NULL,
    slug          {text} NOT NULL,
    display_name  {text} NOT NULL,
    permissions   {text} NOT NULL,
    version       {int} NOT NULL,
    created_at    {int} NOT NULL,
    updated_at    {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, slug)
) {table};

CREATE TABLE role_bindings (
    id          {uuid} NOT NULL PRIMARY KEY,
    tenant_id   {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
    built_in    {text},
    custom      {uuid},
    member      {text} NOT NULL,
    created_at  {int} NOT NULL,
    expires_at  {int},
    CHECK ((built_in IS NULL) <> (custom IS NULL)),
    CHECK (custom IS NULL OR tenant_id IS NOT NULL),
    FOREIGN KEY (tenant_id, custom) REFERENCES roles (tenant_id, id)
) {table};

CREATE INDEX role_bindings_member ON role_bindings (member);
CREATE INDEX role_bindings_place ON role_bindings (tenant_id, id);
CREATE INDEX role_bindings_custom ON role_bindings (tenant_id, custom);

CREATE TABLE approvals (
    id          {uuid} NOT NULL PRIMARY KEY,
    tenant_id   {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
    method      {text} NOT NULL,
    permission  {text} NOT NULL,
    summary     {text} NOT NULL,
    request     {bytes} NOT NULL,
    asked_by    {text} NOT NULL,
    state       {text} NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'spent')),
    decided_by  {text},
    decided_at  {int},
    version     {int} NOT NULL,
    created_at  {int} NOT NULL,
    expires_at  {int} NOT NULL
) {table};

CREATE INDEX approvals_asked ON approvals (asked_by, method, request);
CREATE INDEX approvals_expiry ON approvals (expires_at);

ALTER TABLE rewrap ADD COLUMN starter {text};
";

const KEYS_OF_BEFORE: &str = r"
INSERT INTO role_bindings (id, tenant_id, built_in, member, created_at)
SELECT id, tenant_id, CASE WHEN tenant_id IS NULL THEN 'platform.owner' ELSE 'tenant.admin' END,
    'apiKeys/' || {id_text}, created_at
FROM admin_keys;
";

/// A UUID as people write it, from the bytes that SQLite has.
const ID_TEXT: &str = "lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4)
    || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await?;
        let id_text = if is_postgres(manager) { "id::text" } else { ID_TEXT };
        Dialect::run(manager, &KEYS_OF_BEFORE.replace("{id_text}", id_text)).await
    }
}
