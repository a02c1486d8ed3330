//! A grant: one authorization that a user gave to a client. Every token of it names it.

mod fields;

pub use self::fields::GrantField;
use crate::{
    claims_request::ClaimsRequest,
    id::{ClientUid, GrantId, SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    vocabulary::Acr,
};

/// A grant as stored.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Which grant it is; it stands in the `jti` of its access tokens.
    pub id: GrantId,
    /// Who was authorized.
    pub client: ClientUid,
    /// By whom.
    pub user: UserId,
    /// The session in which they did.
    pub session: SessionId,
    /// What was authorized; tokens may be narrower and never wider.
    pub scopes: ScopeSet,
    /// The resources that the authorization request named (RFC 8707 section 2.1); empty where it named none.
    pub resources: ResourceSet,
    /// When the user proved who they are: the claim `auth_time`.
    pub authenticated_at: Timestamp,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
    /// What that proves, where the request asked to be told: the claim `acr`.
    pub acr: Option<Acr>,
    /// The single claims that the request named.
    pub claims: ClaimsRequest,
    /// When it was given.
    pub created_at: Timestamp,
    /// When nothing of it can be alive any more.
    pub expires_at: Timestamp,
    /// When and why it was taken back, if it was.
    pub revoked: Option<(Timestamp, RevocationReason)>,
}

impl Grant {
    /// Whether it outlives the session in which it was given.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.scopes.contains("offline_access")
    }

    /// How it stands by itself.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> GrantState {
        match self.revoked {
            Some(_) => GrantState::Revoked,
            None if now < self.expires_at => GrantState::Live,
            None => GrantState::Expired,
        }
    }

    /// Whether it is good by itself; user, client and session are looked at apart.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state(now) == GrantState::Live
    }
}

/// How a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Tokens can hang on it.
    Live,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// A grant with what else decides whether its tokens are good.
#[derive(Clone, Debug)]
pub struct GrantStanding {
    /// The grant.
    pub grant: Grant,
    /// Whether its user may sign in.
    pub user_enabled: bool,
    /// Whether its client may do anything.
    pub client_enabled: bool,
    /// Whether its tenant serves.
    pub tenant_active: bool,
}

impl GrantStanding {
    /// Whether tokens of the grant are good.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.user_enabled && self.client_enabled && self.tenant_active && self.grant.is_live(now)
    }
}

/// Why a grant was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// Its code was used twice.
    CodeReplayed,
    /// A refresh token of it was used twice.
    RefreshReplayed,
    /// Its client asked for it (RFC 7009).
    ByClient,
    /// Its user signed out.
    SignedOut,
    /// An administrator asked for it, disabled or deleted the user, or gave them a link by which they chose another
    /// password.
    ByAdmin,
}

impl RevocationReason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::CodeReplayed, Self::RefreshReplayed, Self::ByClient, Self::SignedOut, Self::ByAdmin];

    /// The name in storage and audit.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReplayed => "refresh_replayed",
            Self::ByClient => "by_client",
            Self::SignedOut => "signed_out",
            Self::ByAdmin => "by_admin",
        }
    }
}
