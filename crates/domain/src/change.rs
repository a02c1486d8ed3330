//! The change feed: every mutation says what it touched, so that views refresh and watchers see.

use std::time::Duration;

use crate::{id::TenantId, time::Timestamp};

/// How long the feed keeps a change at least. Who has not read on for longer begins anew.
pub const FEED_KEPT: Duration = Duration::from_secs(7 * 86_400);

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
    /// An initial access token.
    InitialAccessToken = "initial_access_token",
    /// A key that clients encrypt to.
    EncryptionKey = "encryption_key",
    /// The document that was last applied to a tenant.
    TenantDocument = "tenant_document",
    /// A resource: an API that tokens are for.
    Resource = "resource",
    /// A claim mapping.
    ClaimMapping = "claim_mapping",
    /// An issuer outside whose assertions are taken.
    TrustedIssuer = "trusted_issuer",
    /// An API key.
    AdminKey = "api_key",
    /// A key that signs checkpoints of the audit. In the audit alone.
    AuditKey = "audit_key",
    /// A checkpoint of the audit. In the audit alone.
    AuditCheckpoint = "audit_checkpoint",
    /// A second person's approval of a call.
    Approval = "approval",
    /// A role that a tenant made.
    Role = "role",
    /// A role binding.
    RoleBinding = "role_binding",
    /// A master key. In the audit alone: no view depends on one, and the feed tells nothing of it.
    MasterKey = "master_key",
}

/// What became of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It was made.
    Created,
    /// It is another than before, or over.
    Updated,
    /// It is gone.
    Deleted,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The name in storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }
}

/// A place in the feed: that of one change, or before the first.
///
/// The time of that change is its witness. A number alone may be given again, by a database that was restored or that took
/// over without the last transactions of another; the same number with the same time is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is; higher is later, and a reader that has come here has all before it.
    pub sequence: i64,
    /// When that change was written.
    pub at: Timestamp,
}

impl Place {
    /// Before the first change. It needs no witness, and nobody is lost there.
    pub const START: Self = Self { sequence: 0, at: Timestamp::from_millis(0) };
}

/// One entry of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place; it has the time of the change.
    pub place: Place,
    /// The tenant it is in, or none for the platform's own.
    pub tenant: Option<TenantId>,
    /// What became of it; nothing in entries of versions that did not say, and of those that have another word for it.
    pub kind: Option<ChangeKind>,
    /// The kind of thing; nothing where a newer version tells of one that this one does not know. Then anything in that
    /// place may be another than before.
    pub noun: Option<Noun>,
    /// Which thing, by what its name ends in where it has a name, so that it can be named when it is gone as well:
    /// tenants by their slug, clients by `client_id`, scopes by their slug, the others by their id.
    pub id: String,
}
