//! The whole life of a signing key: what it has promised, when it leaves, and where it comes from.
//!
//! A key that an operator brings keeps its `kid`, and two tenants may have had the same provider before: from now on a
//! key id is unique within its tenant, which is how keys are looked up.

use sea_orm_migration::prelude::*;

use crate::{Dialect, dialect::is_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: &str = "
ALTER TABLE keys ADD COLUMN origin {text} NOT NULL DEFAULT 'made';
ALTER TABLE keys ADD COLUMN thumbprint {text};
ALTER TABLE keys ADD COLUMN life {int} NOT NULL DEFAULT 86400000;
ALTER TABLE keys ADD COLUMN promised_until {int};
ALTER TABLE keys ADD COLUMN retire_at {int};
ALTER TABLE keys ADD COLUMN retired_at {int};
ALTER TABLE keys ADD COLUMN settled {bool} NOT NULL DEFAULT (1 = 1);
";

const UNIQUE_WITHIN_TENANT_POSTGRES: &str = "ALTER TABLE keys DROP CONSTRAINT keys_id_key;";

/// SQLite cannot drop what a table was made with, so the table is made again.
const UNIQUE_WITHIN_TENANT_SQLITE: &str = "
CREATE TABLE keys_again (
    tenant_id       {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              {text} NOT NULL,
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
INSERT INTO keys_again SELECT tenant_id, id, algorithm, public_jwk, public_seal, private_key, state, announced_at,
                              activated_at, deactivated_at, version, created_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_again RENAME TO keys;
CREATE UNIQUE INDEX keys_one_active ON keys (tenant_id, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX keys_one_standby ON keys (tenant_id, algorithm) WHERE state = 'standby';
";

/// What retires by the rules of before keeps the 25 hours that it was told.
const REST: &str = "
UPDATE keys SET retire_at = deactivated_at + 90000000 WHERE state IN ('retiring', 'tainted');
CREATE UNIQUE INDEX keys_thumbprint ON keys (tenant_id, thumbprint) WHERE thumbprint IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unique = if is_postgres(manager) { UNIQUE_WITHIN_TENANT_POSTGRES } else { UNIQUE_WITHIN_TENANT_SQLITE };
        Dialect::run(manager, unique).await?;
        Dialect::run(manager, COLUMNS).await?;
        Dialect::run(manager, REST).await
    }
}
