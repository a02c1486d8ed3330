//! What can be shown, and which columns its table has.

use chancery_proto::v1::{
    ApiKey, Approval, AuditCheckpoint, AuditEvent, AuditKey, Change, ClaimMapping, Client, ClientSecret,
    CompromiseAlgorithmResponse, Consent, CreatePasswordLinkResponse, EncryptionKey, Grant, InitialAccessToken, Key,
    KeyAlarm, KeyChange, KeyPolicy, KeyTimeline, MasterKey, Resource, RevokeConsentResponse, RevokeGrantsResponse,
    RevokeSessionsResponse, RevokeTokenResponse, Rewrap, Role, RoleBinding, RotateKeysResponse, Scope, Session, Tenant,
    TenantDocumentDrift, TenantDocumentPlan, TokenSecret, TrustedIssuer, User, WatchChangesResponse,
};

/// A message that can be shown.
pub(crate) trait View: prost::Message {
    /// Name of the message in `chancery.admin.v1`.
    const MESSAGE: &'static str;
    /// The fields that make a row of a table, `id` being the last part of the name.
    const COLUMNS: &'static [&'static str];
}

macro_rules! views {
    ($($message:ident: $($column:literal)*;)*) => {$(
        impl View for $message {
            const MESSAGE: &'static str = stringify!($message);
            const COLUMNS: &'static [&'static str] = &[$($column),*];
        }
    )*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &[&str])] = &[$((<$message as View>::MESSAGE, <$message as View>::COLUMNS)),*];
    };
}

views! {
    Tenant: "id" "display_name" "profile" "state" "issuer";
    Client: "id" "display_name" "kind" "auth_methods" "grant_types" "state";
    ClientSecret: "id" "hint" "create_time" "expire_time" "last_use_time";
    Scope: "id" "value" "description" "claims" "built_in";
    Resource: "id" "identifier" "display_name" "scopes" "access_token_ttl" "signing_algorithm";
    ClaimMapping: "id" "claim" "user_claim" "constant" "targets" "scope" "client";
    TrustedIssuer: "id" "issuer" "subject_mapping" "clients" "scopes" "disabled";
    User: "id" "username" "email" "email_verified" "state" "password_set";
    CreatePasswordLinkResponse: "uri" "expire_time";
    Session: "id" "user" "clients" "state" "authenticate_time" "last_use_time" "idle_expire_time";
    RevokeSessionsResponse: "ended_session_count" "revoked_grant_count";
    Grant: "id" "user" "client" "scopes" "offline" "state" "create_time" "expire_time";
    RevokeGrantsResponse: "revoked_grant_count";
    RevokeTokenResponse: "deny_until_time";
    Consent: "user" "client" "scopes" "update_time";
    RevokeConsentResponse: "revoked_grant_count";
    Key: "id" "algorithm" "state" "announce_time" "earliest_activate_time" "activate_time" "deactivate_time";
    KeyPolicy: "algorithms" "default_algorithm" "period" "cron" "announce" "retain" "next_rotation_time";
    EncryptionKey: "id" "algorithms" "state" "create_time" "replace_time" "destroy_time";
    TokenSecret: "id" "hint" "state" "create_time" "activate_time" "retire_time";
    InitialAccessToken: "id" "display_name" "hint" "remaining_uses" "create_time" "expire_time";
    ApiKey: "id" "display_name" "hint" "create_time" "expire_time";
    Role: "id" "display_name" "built_in" "update_time";
    RoleBinding: "id" "role" "member" "create_time" "expire_time";
    Approval: "id" "state" "permission" "tenant" "requester" "create_time" "expire_time";
    AuditCheckpoint: "id" "position" "sign_time" "key";
    AuditEvent: "id" "event_time" "actor_kind" "actor" "action" "object_kind" "object" "outcome";
    AuditKey: "id" "genuine" "create_time";
    MasterKey: "id" "configured" "seals" "in_use" "tenant_count";
    Rewrap: "state" "target" "total_count" "done_count" "failed_count" "start_time" "update_time";
    RotateKeysResponse: "next_rotation_time";
    KeyAlarm: "verifiers_ready_time" "tokens_expire_time" "next_rotation_time";
    KeyChange: "time" "kind" "algorithm" "key";
    KeyTimeline: "now_time" "start_time" "end_time";
    TenantDocumentPlan: "name" "etag";
    TenantDocumentDrift: "name" "apply_time" "applied_by";
    Change: "name" "resource_type" "kind" "uid" "change_time";
    WatchChangesResponse: "change" "resume_token" "ending";
    CompromiseAlgorithmResponse: "tenants_seen" "tenants_changed" "keys_compromised" "tenants_failed";
}
