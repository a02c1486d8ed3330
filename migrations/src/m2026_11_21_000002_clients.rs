//! Clients and their secrets, of which only digests are kept.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = r"
CREATE TABLE clients (
    tenant_id                  {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    uid                        {uuid} NOT NULL,
    id                         {text} NOT NULL,
    display_name               {text} NOT NULL,
    kind                       {text} NOT NULL CHECK (kind IN ('web', 'native', 'service')),
    auth_methods               {text} NOT NULL,
    redirect_uris              {text} NOT NULL,
    post_logout_redirect_uris  {text} NOT NULL,
    grant_types                {text} NOT NULL,
    scopes                     {text} NOT NULL,
    skip_consent               {bool} NOT NULL,
    require_pkce               {bool} NOT NULL,
    allowed_origins            {text} NOT NULL,
    logo_uri                   {text},
    policy_uri                 {text},
    tos_uri                    {text},
    state                      {text} NOT NULL CHECK (state IN ('enabled', 'disabled')),
    version                    {int} NOT NULL,
    created_at                 {int} NOT NULL,
    updated_at                 {int} NOT NULL,
    PRIMARY KEY (tenant_id, uid),
    UNIQUE (tenant_id, id)
) {table};

CREATE TABLE client_secrets (
    tenant_id   {uuid} NOT NULL,
    client_uid  {uuid} NOT NULL,
    id          {uuid} NOT NULL,
    digest      {bytes} NOT NULL,
    hint        {text} NOT NULL,
    created_at  {int} NOT NULL,
    expires_at  {int},
    PRIMARY KEY (tenant_id, client_uid, id),
    FOREIGN KEY (tenant_id, client_uid) REFERENCES clients (tenant_id, uid) ON DELETE CASCADE
) {table};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
