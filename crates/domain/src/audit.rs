//! Audit: one event for every mutation, written in its transaction, and never a secret in it.

use crate::{
    change::Noun,
    id::{ClientId, TenantId, UserId},
    principal::Principal,
    time::Timestamp,
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
    /// A user allowed a client something.
    ConsentGiven = "consent.give",
    /// A code was issued.
    CodeIssued = "code.issue",
    /// A code was used twice.
    CodeReplayed = "code.replay",
    /// Tokens were issued for a code.
    TokensIssued = "tokens.issue",
    /// Tokens were refreshed.
    TokensRefreshed = "tokens.refresh",
    /// A refresh token was used twice.
    RefreshReplayed = "refresh.replay",
    /// A client got a token for itself.
    ClientTokenIssued = "client_token.issue",
    /// A grant was taken back.
    GrantRevoked = "grant.revoke",
    /// One access token was taken back.
    TokenRevoked = "token.revoke",
    /// Something was made.
    Created = "create",
    /// Something was changed.
    Updated = "update",
    /// Something was deleted.
    Deleted = "delete",
    /// Something deleted was brought back.
    Undeleted = "undelete",
    /// Something was switched off.
    Disabled = "disable",
    /// Something was switched on.
    Enabled = "enable",
    /// A token secret began to sign.
    Activated = "activate",
    /// A document was applied to a tenant.
    DocumentApplied = "document.apply",
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
}

/// One event.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// The tenant it happened in, or none for the platform's own.
    pub tenant: Option<TenantId>,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub action: Action,
    /// To what: the kind of thing and which one.
    pub object: Option<(Noun, String)>,
    /// A stable code that says why, where that is not plain.
    pub reason: Option<&'static str>,
    /// What the actor said about it in their own words, where they were asked to.
    pub note: Option<String>,
}

impl AuditEvent {
    /// An event without an object.
    #[must_use]
    pub const fn new(tenant: Option<TenantId>, at: Timestamp, actor: Actor, action: Action) -> Self {
        Self { tenant, at, actor, action, object: None, reason: None, note: None }
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
}
