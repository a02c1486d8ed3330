//! Clients that register themselves, and the tokens that let somebody do so.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &str = r"
ALTER TABLE clients ADD COLUMN registration_token {bytes};
ALTER TABLE clients ADD COLUMN registered_by {text} NOT NULL DEFAULT 'operator';

CREATE INDEX clients_by_registered_by ON clients (tenant_id, registered_by, id);
CREATE INDEX clients_registered ON clients (tenant_id, created_at) WHERE registration_token IS NOT NULL;

CREATE TABLE initial_access_tokens (
    tenant_id     {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            {uuid} NOT NULL,
    digest        {bytes} NOT NULL,
    hint          {text} NOT NULL,
    display_name  {text} NOT NULL,
    uses_left     {int} NOT NULL CHECK (uses_left >= 0),
    created_at    {int} NOT NULL,
    expires_at    {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest)
) {table};

CREATE INDEX initial_access_tokens_expires_at ON initial_access_tokens (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, CHANGES).await
    }
}
