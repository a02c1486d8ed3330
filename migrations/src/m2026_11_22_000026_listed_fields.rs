//! Indexes for what lists are filtered and ordered by.
//!
//! Each ends with what the rows are told apart by, so that a page begins where the one before ended.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &str = r"
CREATE INDEX tenants_by_display_name ON tenants (display_name, slug);
CREATE INDEX tenants_by_profile ON tenants (profile, slug);
CREATE INDEX tenants_by_state ON tenants (state, slug);
CREATE INDEX tenants_by_create_time ON tenants (created_at, slug);
CREATE INDEX tenants_by_update_time ON tenants (updated_at, slug);

CREATE INDEX clients_by_display_name ON clients (tenant_id, display_name, id);
CREATE INDEX clients_by_kind ON clients (tenant_id, kind, id);
CREATE INDEX clients_by_state ON clients (tenant_id, state, id);
CREATE INDEX clients_by_create_time ON clients (tenant_id, created_at, id);
CREATE INDEX clients_by_update_time ON clients (tenant_id, updated_at, id);

CREATE INDEX users_by_state ON users (tenant_id, state, id);
CREATE INDEX users_by_create_time ON users (tenant_id, created_at, id);
CREATE INDEX users_by_update_time ON users (tenant_id, updated_at, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, INDEXES).await
    }
}
