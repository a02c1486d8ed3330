//! What tokens say beyond the built-in: for whom they are (resources and the scopes that belong to them, and what a code
//! or a grant was asked for), and mappings of claims.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
CREATE TABLE resources (
    tenant_id          {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    slug               {text} NOT NULL,
    identifier         {text} NOT NULL,
    display_name       {text} NOT NULL,
    access_token_ttl   {int},
    signing_algorithm  {text},
    version            {int} NOT NULL,
    created_at         {int} NOT NULL,
    updated_at         {int} NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    UNIQUE (tenant_id, identifier)
) {table};

CREATE TABLE resource_scopes (
    tenant_id  {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    scope      {text} NOT NULL,
    resource   {text} NOT NULL,
    PRIMARY KEY (tenant_id, scope),
    FOREIGN KEY (tenant_id, scope) REFERENCES scopes (tenant_id, value),
    FOREIGN KEY (tenant_id, resource) REFERENCES resources (tenant_id, slug) ON DELETE CASCADE
) {table};

CREATE INDEX resource_scopes_resource ON resource_scopes (tenant_id, resource);

CREATE TABLE claim_mappings (
    tenant_id   {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    slug        {text} NOT NULL,
    claim       {text} NOT NULL,
    source      {text} NOT NULL,
    targets     {text} NOT NULL,
    scope       {text},
    client_uid  {uuid},
    client_id   {text},
    version     {int} NOT NULL,
    created_at  {int} NOT NULL,
    updated_at  {int} NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE,
    CHECK ((client_uid IS NULL) = (client_id IS NULL))
) {table};

CREATE INDEX claim_mappings_client ON claim_mappings (tenant_id, client_uid);

ALTER TABLE codes ADD COLUMN resources {text};
ALTER TABLE grants ADD COLUMN resources {text};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
