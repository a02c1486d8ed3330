//! What a command with `--watch` looks at, and what tells it that there is something new.

use std::time::Duration;

use chancery_proto::v1::WatchChangesRequest;

use crate::name::{self, TenantId};

/// How long to wait between looks at what nobody tells of.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The same where only some of it is told.
const LOOK_BESIDE: Duration = Duration::from_secs(10);

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What the server is asked to tell of; nothing where it never tells of such things.
    pub(crate) told: Option<WatchChangesRequest>,
    /// When to look though nothing was told.
    pub(crate) beside: Option<Duration>,
}

impl Sight {
    /// What a verb of that noun looks at, in that tenant or on the platform.
    pub(crate) fn of(noun: &str, verb: &str, tenant: Option<&TenantId>) -> Self {
        let (nouns, beside) = feed(noun, verb);
        let told = (!nouns.is_empty()).then(|| WatchChangesRequest {
            parent: name::place(tenant),
            resume_token: String::new(),
            nouns: nouns.iter().map(|noun| (*noun).to_owned()).collect(),
        });
        Self { told, beside }
    }
}

/// Which nouns of the feed tell of it, and when to look beside that. The feed tells of sessions and grants that they
/// end: nobody who signs in waits for it. A timeline moves with the time. What the platform writes into the audit alone
/// is not told.
fn feed(noun: &str, verb: &str) -> (&'static [&'static str], Option<Duration>) {
    match (noun, verb) {
        ("keys", "timeline") => (&["key", "key_policy"], Some(LOOK_BESIDE)),
        ("sessions", _) => (&["session"], Some(LOOK_BESIDE)),
        ("grants", _) => (&["grant"], Some(LOOK_BESIDE)),
        ("tenants", _) => (&["tenant"], None),
        ("clients", _) => (&["client"], None),
        ("scopes", _) => (&["scope"], None),
        ("resources", _) => (&["resource"], None),
        ("claim-mappings", _) => (&["claim_mapping"], None),
        ("trusted-issuers", _) => (&["trusted_issuer"], None),
        ("users", _) => (&["user"], None),
        ("consents", _) => (&["consent"], None),
        ("keys", _) => (&["key", "key_policy"], None),
        ("encryption-keys", _) => (&["encryption_key"], None),
        ("token-secrets", _) => (&["token_secret"], None),
        ("initial-access-tokens", _) => (&["initial_access_token"], None),
        ("api-keys", _) => (&["api_key"], None),
        ("roles", _) => (&["role"], None),
        ("role-bindings", _) => (&["role_binding"], None),
        ("approvals", _) => (&["approval"], None),
        _ => (&[], Some(LOOK_EVERY)),
    }
}
