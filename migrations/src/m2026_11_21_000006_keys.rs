//! Master keys, tenants' own keys, key policies and signing keys. Private parts are sealed.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE master_keys (
    id      {text} NOT NULL PRIMARY KEY,
    sealed  {bytes} NOT NULL
) {table};

CREATE TABLE tenant_keks (
    tenant_id   {uuid} NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    master_key  {text} NOT NULL,
    sealed      {bytes} NOT NULL
) {table};

CREATE TABLE key_policies (
    tenant_id   {uuid} NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    policy      {text} NOT NULL,
    due_at      {int} NOT NULL,
    version     {int} NOT NULL,
    updated_at  {int} NOT NULL
) {table};

CREATE INDEX key_policies_due_at ON key_policies (due_at);

CREATE TABLE keys (
    tenant_id       {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              {text} NOT NULL UNIQUE,
    algorithm       {text} NOT NULL,
    public_jwk      {text} NOT NULL,
    public_seal     {bytes} NOT NULL,
    private_key     {bytes},
    state           {text} NOT NULL CHECK (state IN ('generated', 'standby', 'active', 'retiring', 'retired',
                                                     'purged', 'tainted', 'compromised')),
    announced_at    {int},
    activated_at    {int},
    deactivated_at  {int},
    version         {int} NOT NULL,
    created_at      {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX keys_one_active ON keys (tenant_id, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX keys_one_standby ON keys (tenant_id, algorithm) WHERE state = 'standby';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
