//! Indexes for what the other long lists are filtered and ordered by.
//!
//! Each ends with what the rows are told apart by. Those of events hold only what has its place in a chain, so that an
//! event which waits for it costs no more to write than before.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &str = r"
CREATE INDEX sessions_by_authenticate_time ON sessions (tenant_id, authenticated_at, id);
CREATE INDEX sessions_by_expire_time ON sessions (tenant_id, expires_at, id);
CREATE INDEX sessions_by_end_time ON sessions (tenant_id, ended_at, id) WHERE ended_at IS NOT NULL;

CREATE INDEX grants_by_create_time ON grants (tenant_id, created_at, id);
CREATE INDEX grants_by_expire_time ON grants (tenant_id, expires_at, id);
CREATE INDEX grants_by_revoke_time ON grants (tenant_id, revoked_at, id) WHERE revoked_at IS NOT NULL;

CREATE INDEX consents_by_update_time ON consents (tenant_id, granted_at, user_id, client_uid);

CREATE INDEX admin_keys_by_display_name ON admin_keys (tenant_id, display_name, id);
CREATE INDEX admin_keys_by_create_time ON admin_keys (tenant_id, created_at, id);
CREATE INDEX admin_keys_by_expire_time ON admin_keys (tenant_id, expires_at, id);

CREATE INDEX role_bindings_by_member ON role_bindings (tenant_id, member, id);
CREATE INDEX role_bindings_by_create_time ON role_bindings (tenant_id, created_at, id);
CREATE INDEX role_bindings_by_expire_time ON role_bindings (tenant_id, expires_at, id) WHERE expires_at IS NOT NULL;

CREATE INDEX audit_events_by_time ON audit_events (chain, at, position) WHERE position IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (chain, actor_id, position) WHERE position IS NOT NULL;
CREATE INDEX audit_events_by_action ON audit_events (chain, action, position) WHERE position IS NOT NULL;
CREATE INDEX audit_events_by_object ON audit_events (chain, object_id, position)
    WHERE position IS NOT NULL AND object_id IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, INDEXES).await
    }
}
