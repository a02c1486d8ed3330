//! The change feed: every mutation says what it touched, so that views refresh and watchers see.

use crate::{id::TenantId, time::Timestamp};

/// Declares the nouns of the house with their labels.
macro_rules! nouns {
    ($($(#[$doc:meta])* $noun:ident = $label:literal,)*) => {
        /// The kinds of things that change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Noun { $($(#[$doc])* $noun,)* }

        impl Noun {
            /// Every noun.
            pub const ALL: &'static [Self] = &[$(Self::$noun,)*];

            /// The name in storage and in messages.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$noun => $label,)* }
            }

            /// The noun of that name.
            #[must_use]
            pub fn from_label(label: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|noun| noun.label() == label)
            }
        }
    };
}

nouns! {
    /// A tenant itself, or its settings.
    Tenant = "tenant",
    /// A client or one of its secrets.
    Client = "client",
    /// A scope.
    Scope = "scope",
    /// A user.
    User = "user",
    /// A session.
    Session = "session",
    /// A consent.
    Consent = "consent",
    /// A grant that was taken back.
    Grant = "grant",
    /// A signing key.
    Key = "key",
    /// A key policy.
    KeyPolicy = "key_policy",
    /// A token secret.
    TokenSecret = "token_secret",
    /// The document that was last applied to a tenant.
    TenantDocument = "tenant_document",
    /// An API key.
    AdminKey = "api_key",
    /// A second person's approval of a call.
    Approval = "approval",
    /// A role that a tenant made.
    Role = "role",
    /// A role binding.
    RoleBinding = "role_binding",
    /// A master key. In the audit alone: no view depends on one, and the feed tells nothing of it.
    MasterKey = "master_key",
}

/// One entry of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place; higher is later, and a reader that has this one has all before it.
    pub sequence: i64,
    /// The tenant it is in, or none for the platform's own.
    pub tenant: Option<TenantId>,
    /// The kind of thing.
    pub noun: Noun,
    /// Which thing, by the id that its noun has.
    pub id: String,
    /// When.
    pub at: Timestamp,
}
