//! The keys that clients encrypt request objects to. A row exists for as long as something opens with it.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = r"
CREATE TABLE encryption_keys (
    tenant_id     {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            {text} NOT NULL,
    kind          {text} NOT NULL CHECK (kind IN ('RSA', 'P-256')),
    public_jwk    {text} NOT NULL,
    public_seal   {bytes} NOT NULL,
    private       {bytes} NOT NULL,
    state         {text} NOT NULL CHECK (state IN ('published', 'withdrawn')),
    withdrawn_at  {int},
    due_at        {int} NOT NULL,
    version       {int} NOT NULL,
    created_at    {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX encryption_keys_one_published ON encryption_keys (tenant_id, kind) WHERE state = 'published';
CREATE INDEX encryption_keys_due_at ON encryption_keys (due_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
