//! Audit: one event for every mutation, written in its transaction, and never a secret in it.

use std::sync::Arc;

use crate::{
    change::Noun,
    id::{ClientId, TenantId, UserId},
    principal::Principal,
    time::Timestamp,
    version::Version,
};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user, in their browser.
    User(UserId),
    /// A client, for itself or for a user.
    Client(ClientId),
    /// A caller of the admin API.
    Admin(Principal),
    /// The worker, or a command on the server itself.
    System,
    /// Nobody that we know.
    Anonymous,
}

impl Actor {
    /// The kind and the id, for storing.
    #[must_use]
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::User(id) => ("user", id.to_string()),
            Self::Client(id) => ("client", id.to_string()),
            Self::Admin(principal) => ("admin", principal.to_string()),
            Self::System => ("system", String::new()),
            Self::Anonymous => ("anonymous", String::new()),
        }
    }
}

/// Declares what can happen, with the stable code of each.
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $code:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $action,)* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$action,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$action => $code,)* }
            }
        }
    };
}

actions! {
    /// Somebody signed in.
    SignedIn = "sign_in",
    /// Somebody could not sign in.
    SignInRefused = "sign_in.refused",
    /// Somebody signed out.
    SignedOut = "sign_out",
    /// A session was ended by somebody else.
    SessionRevoked = "session.revoke",
    /// All sessions of a user were ended by somebody else.
    SessionsRevoked = "sessions.revoke",
    /// A user allowed a client something.
    ConsentGiven = "consent.give",
    /// What a user had allowed a client was taken back.
    ConsentRevoked = "consent.revoke",
    /// A code was issued.
    CodeIssued = "code.issue",
    /// A code was used twice.
    CodeReplayed = "code.replay",
    /// A user allowed a device something.
    DeviceApproved = "device.approve",
    /// A user refused a device.
    DeviceDenied = "device.deny",
    /// Tokens were issued for a code.
    TokensIssued = "tokens.issue",
    /// Tokens were refreshed.
    TokensRefreshed = "tokens.refresh",
    /// A refresh token was used twice.
    RefreshReplayed = "refresh.replay",
    /// A client got a token for itself.
    ClientTokenIssued = "client_token.issue",
    /// A client exchanged a token.
    TokenExchanged = "token.exchange",
    /// A grant was taken back.
    GrantRevoked = "grant.revoke",
    /// Many grants were taken back: all of a user, a client or a session.
    GrantsRevoked = "grants.revoke",
    /// One access token was taken back.
    TokenRevoked = "token.revoke",
    /// A client registered itself.
    ClientRegistered = "client.register",
    /// Somebody could not register a client, or change one.
    RegistrationRefused = "client.register.refused",
    /// A client used one challenge or nonce in two sessions, as if one would do for everybody.
    ConstantValueSeen = "client.constant_value",
    /// Something was made.
    Created = "create",
    /// Something was changed.
    Updated = "update",
    /// Something was deleted.
    Deleted = "delete",
    /// Something deleted was brought back.
    Undeleted = "undelete",
    /// Something deleted went for good, with all that was in it.
    Purged = "purge",
    /// Something was switched off.
    Disabled = "disable",
    /// Something was switched on.
    Enabled = "enable",
    /// A token secret began to sign.
    Activated = "activate",
    /// A document was applied to a tenant.
    DocumentApplied = "document.apply",
    /// A call was allowed by a second caller.
    Approved = "approve",
    /// A call was refused by a second caller, or taken back by the first.
    Rejected = "reject",
    /// A call was made that had been allowed.
    ApprovalSpent = "approval.spend",
    /// A call that had been allowed was refused, and may be made again.
    ApprovalReturned = "approval.return",
    /// A link to the page for a new password was made.
    PasswordLinkCreated = "password_link.create",
    /// A password was set.
    PasswordSet = "password.set",
    /// A client got a new secret.
    SecretGenerated = "secret.generate",
    /// A client lost a secret.
    SecretDeleted = "secret.delete",
    /// The standby key went to work.
    KeysRotated = "keys.rotate",
    /// An operator brought a key.
    KeyImported = "key.import",
    /// A key was suspected.
    KeyTainted = "key.taint",
    /// A key was given up as known to others.
    KeyCompromised = "key.compromise",
    /// A retiring key lost its private part.
    KeyDestroyed = "key.destroy",
    /// A key left the JWK Set.
    KeyRetired = "key.retire",
    /// A key's row was emptied.
    KeyPurged = "key.purge",
    /// A key that clients encrypt to left the JWK Set, and opens what is still on its way.
    Withdrawn = "withdraw",
    /// A message to a client was given up.
    DeliveryAbandoned = "delivery.abandon",
    /// Tenants' own keys began to move to another master key.
    RewrapStarted = "rewrap.start",
    /// They stopped moving.
    RewrapPaused = "rewrap.pause",
    /// They moved on.
    RewrapResumed = "rewrap.resume",
    /// All that open have moved.
    RewrapFinished = "rewrap.finish",
    /// Nothing is sealed under a master key any more, and nothing will be.
    MasterKeyReleased = "master_key.release",
    /// For more than a minute, events of people and clients were not linked to their chains.
    SealingPaused = "audit.pause",
    /// The database was restored from a copy: changes in it lay ahead of all transactions.
    DatabaseRestored = "database.restore",
    /// A key that signs checkpoints of the audit was made.
    AuditKeyCreated = "audit_key.create",
}

impl Action {
    /// Whether it tells of something that was refused, and not of something that was done.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::SignInRefused | Self::CodeReplayed | Self::RefreshReplayed)
    }
}

/// Who did something, and by what right: the same for every event of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// How they proved it, such as `api_key`, where a door looked at that.
    pub method: Option<&'static str>,
    /// The permission that they used, such as `clients.update`, where one was asked for.
    pub permission: Option<&'static str>,
    /// The name that the request gave itself (AIP-155).
    pub request_id: Option<String>,
    /// What the log calls this call.
    pub trace: Option<Arc<str>>,
}

impl From<Actor> for Author {
    fn from(actor: Actor) -> Self {
        Self { actor, method: None, permission: None, request_id: None, trace: None }
    }
}

/// One event.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// The tenant it happened in, or none for the platform's own.
    pub tenant: Option<TenantId>,
    /// When.
    pub at: Timestamp,
    /// Who did it, and by what right.
    pub author: Author,
    /// What happened.
    pub action: Action,
    /// To what: the kind of thing and which one.
    pub object: Option<(Noun, String)>,
    /// A stable code that says why, where that is not plain.
    pub reason: Option<&'static str>,
    /// What the actor said about it in their own words, where they were asked to.
    pub note: Option<String>,
    /// The version of the object before, where it has versions.
    pub before: Option<Version>,
    /// The version of the object after.
    pub after: Option<Version>,
}

impl AuditEvent {
    /// An event without an object.
    #[must_use]
    pub fn new(tenant: Option<TenantId>, at: Timestamp, author: impl Into<Author>, action: Action) -> Self {
        let author = author.into();
        Self { tenant, at, author, action, object: None, reason: None, note: None, before: None, after: None }
    }

    /// The same event, about that thing.
    #[must_use]
    pub fn about(self, noun: Noun, id: &(impl ToString + ?Sized)) -> Self {
        Self { object: Some((noun, id.to_string())), ..self }
    }

    /// The same event, with its reason.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The same event, with what the actor said about it.
    #[must_use]
    pub fn noting(self, note: String) -> Self {
        Self { note: Some(note), ..self }
    }

    /// The same event, with the versions of its object before and after.
    #[must_use]
    pub fn between(self, before: impl Into<Option<Version>>, after: impl Into<Option<Version>>) -> Self {
        Self { before: before.into(), after: after.into(), ..self }
    }

    /// Whether it waits to be linked to its chain: people and clients do much, and never wait for each other there. All
    /// else is linked in its own transaction.
    #[must_use]
    pub const fn is_sealed_later(&self) -> bool {
        match self.author.actor {
            Actor::User(_) | Actor::Client(_) | Actor::Anonymous => true,
            Actor::Admin(_) | Actor::System => false,
        }
    }
}
