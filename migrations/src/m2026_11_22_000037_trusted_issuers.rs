//! Issuers outside whose assertions are taken for tokens, and the assertions that were.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE trusted_issuers (
    tenant_id   {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    slug        {text} NOT NULL,
    issuer      {text} NOT NULL,
    keys        {text} NOT NULL,
    algorithms  {text} NOT NULL,
    mapping     {text} NOT NULL,
    subjects    {text} NOT NULL,
    clients     {text} NOT NULL,
    scopes      {text} NOT NULL,
    disabled    {bool} NOT NULL,
    version     {int} NOT NULL,
    created_at  {int} NOT NULL,
    updated_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    UNIQUE (tenant_id, issuer)
) {table};

CREATE TABLE trusted_assertions (
    tenant_id   {uuid} NOT NULL,
    slug        {text} NOT NULL,
    digest      {bytes} NOT NULL,
    expires_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, slug, digest),
    FOREIGN KEY (tenant_id, slug) REFERENCES trusted_issuers (tenant_id, slug) ON DELETE CASCADE
) {table};

CREATE INDEX trusted_assertions_expires_at ON trusted_assertions (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
