//! The wishes of devices that cannot show a browser.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = r"
CREATE TABLE device_authorizations (
    tenant_id         {uuid} NOT NULL,
    digest            {bytes} NOT NULL,
    user_code         {bytes} NOT NULL,
    client_uid        {uuid} NOT NULL,
    scopes            {text} NOT NULL,
    resources         {text},
    place             {text} NOT NULL,
    interval_millis   {int} NOT NULL,
    asked_at          {int},
    state             {text} NOT NULL,
    grant_id          {uuid},
    user_id           {uuid},
    session_id        {uuid},
    authenticated_at  {int},
    amr               {text},
    created_at        {int} NOT NULL,
    expires_at        {int} NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    UNIQUE (tenant_id, user_code),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    CHECK (state <> 'approved' OR grant_id IS NOT NULL)
) {table};

CREATE INDEX device_authorizations_waiting ON device_authorizations (tenant_id, state, expires_at);
CREATE INDEX device_authorizations_client ON device_authorizations (tenant_id, client_uid);
CREATE INDEX device_authorizations_user ON device_authorizations (tenant_id, user_id);
CREATE INDEX device_authorizations_expires_at ON device_authorizations (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLE).await
    }
}
