//! Secrets that the server shares and signs with: those of clients whose ID tokens are signed by HS256, and those of
//! tenants with HMAC access tokens. Kept sealed.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
ALTER TABLE clients ADD COLUMN id_token_alg {text};
ALTER TABLE client_secrets ADD COLUMN sealed {bytes};

CREATE TABLE token_secrets (
    tenant_id     {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            {uuid} NOT NULL,
    place         {int} NOT NULL CHECK (place IN (1, 2)),
    sealed        {bytes} NOT NULL,
    hint          {text} NOT NULL,
    state         {text} NOT NULL CHECK (state IN ('waiting', 'active', 'retired')),
    activated_at  {int},
    retired_at    {int},
    version       {int} NOT NULL,
    created_at    {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, place)
) {table};

CREATE UNIQUE INDEX token_secrets_one_active ON token_secrets (tenant_id) WHERE state = 'active';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
