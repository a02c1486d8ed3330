//! What can be shown, and which columns its table has.

use chancery_proto::v1::{
    ApiKey, Client, ClientSecret, CompromiseAlgorithmResponse, Key, KeyAlarm, KeyChange, KeyPolicy, KeyTimeline,
    MasterKey, Rewrap, RotateKeysResponse, Scope, Tenant, TenantDocumentDrift, TenantDocumentPlan, TokenSecret, User,
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
    ClientSecret: "id" "hint" "create_time" "expire_time";
    Scope: "id" "value" "description" "claims" "built_in";
    User: "id" "username" "email" "email_verified" "state" "password_set";
    Key: "id" "algorithm" "state" "announce_time" "earliest_activate_time" "activate_time" "deactivate_time";
    KeyPolicy: "algorithms" "default_algorithm" "period" "cron" "announce" "retain" "next_rotation_time";
    TokenSecret: "id" "hint" "state" "create_time" "activate_time" "retire_time";
    ApiKey: "id" "display_name" "hint" "create_time" "expire_time";
    MasterKey: "id" "configured" "seals" "in_use" "tenant_count";
    Rewrap: "state" "target" "total_count" "done_count" "failed_count" "start_time" "update_time";
    RotateKeysResponse: "next_rotation_time";
    KeyAlarm: "verifiers_ready_time" "tokens_expire_time" "next_rotation_time";
    KeyChange: "time" "kind" "algorithm" "key";
    KeyTimeline: "now_time" "start_time" "end_time";
    TenantDocumentPlan: "name" "etag";
    TenantDocumentDrift: "name" "apply_time" "applied_by";
    CompromiseAlgorithmResponse: "tenants_seen" "tenants_changed" "keys_compromised" "tenants_failed";
}
