//! A tenant: one issuer with its own keys, clients, scopes, users and policy.

mod dpop;
mod fields;
mod offers;

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    fault::{IllegalMove, Malformed},
    id::{TenantId, TenantSlug},
    issuer::IssuerHost,
    logout_scope::LogoutScope,
    profile::Profile,
    registration::RegistrationPolicy,
    time::Timestamp,
    version::Version,
    vocabulary::{AccessTokenFormat, ResponseType},
};

pub use self::{dpop::DpopPolicy, fields::TenantField};

/// A tenant as stored.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// What rows hang on; never used twice.
    pub id: TenantId,
    /// Its name in the issuer URL.
    pub slug: TenantSlug,
    /// What people call it.
    pub display_name: String,
    /// Its security profile.
    pub profile: Profile,
    /// The host that is its issuer, where it has one for itself.
    pub issuer_host: Option<IssuerHost>,
    /// Whether it serves; moves by methods only.
    state: TenantState,
    /// Its lifetimes.
    pub settings: TenantSettings,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// Whether a tenant serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TenantState {
    /// It serves.
    Active,
    /// It refuses everything but its metadata, until resumed.
    Suspended,
    /// It refuses everything and goes for good from `purge_at` on, unless undeleted before.
    Deleted {
        /// When it was deleted.
        at: Timestamp,
        /// When its rows go.
        purge_at: Timestamp,
    },
}

impl TenantState {
    /// The name of the state.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted { .. } => "deleted",
        }
    }
}

/// The fields of a tenant, for making one and for reading one from a row.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of `Tenant`")]
pub struct TenantParts {
    pub id: TenantId,
    pub slug: TenantSlug,
    pub display_name: String,
    pub profile: Profile,
    pub issuer_host: Option<IssuerHost>,
    pub state: TenantState,
    pub settings: TenantSettings,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Tenant {
    /// How long a deleted tenant can be brought back.
    pub const UNDELETE_WINDOW: Duration = Duration::from_secs(30 * 86_400);

    /// A new, active tenant.
    #[must_use]
    pub fn new(id: TenantId, slug: TenantSlug, display_name: String, profile: Profile, now: Timestamp) -> Self {
        Self {
            id,
            slug,
            display_name,
            profile,
            issuer_host: None,
            state: TenantState::Active,
            settings: TenantSettings::default(),
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }

    /// A tenant as its row tells it.
    #[must_use]
    pub fn from_parts(parts: TenantParts) -> Self {
        let TenantParts { id, slug, display_name, profile, issuer_host, state, settings, version, .. } = parts;
        let (created_at, updated_at) = (parts.created_at, parts.updated_at);
        Self { id, slug, display_name, profile, issuer_host, state, settings, version, created_at, updated_at }
    }

    /// The state it is in.
    #[must_use]
    pub const fn state(&self) -> TenantState {
        self.state
    }

    /// Whether it serves.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == TenantState::Active
    }

    /// Whether pages of clients are loaded when somebody signs out.
    #[must_use]
    pub fn frontchannel_logout(&self) -> bool {
        self.profile.tells_by_frames() && self.settings.frontchannel_logout.unwrap_or(true)
    }

    /// Whether pages of clients can ask whether a session is the same.
    #[must_use]
    pub fn session_management(&self) -> bool {
        self.profile.tells_by_frames() && self.settings.session_management.unwrap_or(true)
    }

    /// Stops serving until resumed.
    pub fn suspend(self) -> Result<Self, IllegalMove> {
        match self.state {
            TenantState::Active => Ok(Self { state: TenantState::Suspended, ..self }),
            TenantState::Suspended | TenantState::Deleted { .. } => Err(self.illegal("suspended")),
        }
    }

    /// Serves again.
    pub fn resume(self) -> Result<Self, IllegalMove> {
        match self.state {
            TenantState::Suspended => Ok(Self { state: TenantState::Active, ..self }),
            TenantState::Active | TenantState::Deleted { .. } => Err(self.illegal("active")),
        }
    }

    /// Stops serving; the rows go after [`Self::UNDELETE_WINDOW`].
    pub fn delete(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            TenantState::Active | TenantState::Suspended => {
                let state = TenantState::Deleted { at: now, purge_at: now + Self::UNDELETE_WINDOW };
                Ok(Self { state, ..self })
            }
            TenantState::Deleted { .. } => Err(self.illegal("deleted")),
        }
    }

    /// Serves again after a deletion that has not been carried out. From `purge_at` on its rows go, and what is left of
    /// them is not brought back.
    pub fn undelete(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            TenantState::Deleted { purge_at, .. } if now < purge_at => Ok(Self { state: TenantState::Active, ..self }),
            TenantState::Deleted { .. } => Err(IllegalMove { from: "deleted for good", to: "active" }),
            TenantState::Active | TenantState::Suspended => Err(self.illegal("active")),
        }
    }

    const fn illegal(&self, to: &'static str) -> IllegalMove {
        IllegalMove { from: self.state.label(), to }
    }
}

/// How long things live at a tenant, and which form they have. Durations are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each switches one thing, by the name that operators know")]
pub struct TenantSettings {
    /// Life of an access token.
    #[serde(with = "seconds")]
    pub access_token_ttl: Duration,
    /// Life of an ID token.
    #[serde(with = "seconds")]
    pub id_token_ttl: Duration,
    /// Life of an authorization code; at most 60 s.
    #[serde(with = "seconds")]
    pub code_ttl: Duration,
    /// A refresh token unused for so long is dead.
    #[serde(with = "seconds")]
    pub refresh_idle_ttl: Duration,
    /// A family of refresh tokens is dead after so long, used or not.
    #[serde(with = "seconds")]
    pub refresh_absolute_ttl: Duration,
    /// For so long the parent of a refresh token answers with the same child, as long as the child is unused.
    #[serde(with = "seconds")]
    pub refresh_grace: Duration,
    /// A session unused for so long is over.
    #[serde(with = "seconds")]
    pub session_idle_ttl: Duration,
    /// A session is over after so long, used or not.
    #[serde(with = "seconds")]
    pub session_absolute_ttl: Duration,
    /// The form of access tokens.
    #[serde(skip_serializing_if = "AccessTokenFormat::is_usual")]
    pub access_token_format: AccessTokenFormat,
    /// Whether its key policy may name ML-DSA.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ml_dsa: bool,
    /// Whether its clients push their authorization requests, all of them (RFC 9126 section 5).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    /// Whether its clients may exchange tokens (RFC 8693).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub token_exchange: bool,
    /// Whether devices that cannot show a browser may ask for tokens (RFC 8628).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub device_authorization: bool,
    /// Whether its clients may come with what trusted issuers assert (RFC 7523 section 2.1).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub jwt_bearer: bool,
    /// Whether its clients may encrypt their request objects (RFC 9101 section 6.2).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request_object_encryption: bool,
    /// What it makes of DPoP proofs (RFC 9449).
    #[serde(skip_serializing_if = "DpopPolicy::is_usual")]
    pub dpop: DpopPolicy,
    /// Whether DPoP proofs must have a nonce of the server (RFC 9449 section 8).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dpop_nonce_required: bool,
    /// What its authorization endpoint gives; `code` is always among them.
    #[serde(skip_serializing_if = "offers::is_code_alone")]
    pub response_types: BTreeSet<ResponseType>,
    /// Where people make themselves an account, where they can (`prompt=create`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_up_uri: Option<String>,
    /// Whether pages of clients are loaded when somebody signs out (OpenID Connect Front-Channel Logout); none for what
    /// the profile does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout: Option<bool>,
    /// Whether pages of clients can ask whether a session is the same (OpenID Connect Session Management); none for what
    /// the profile does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_management: Option<bool>,
    /// What ends when a client that says nothing itself asks for a sign-out.
    #[serde(skip_serializing_if = "LogoutScope::is_usual")]
    pub logout_scope: LogoutScope,
    /// The authorities whose certificates its clients may show: PEM texts of one certificate each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_certificate_authorities: Vec<String>,
    /// Who may register clients there, and what those may have.
    #[serde(skip_serializing_if = "RegistrationPolicy::is_usual")]
    pub registration: RegistrationPolicy,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            access_token_ttl: Duration::from_secs(600),
            id_token_ttl: Duration::from_secs(600),
            code_ttl: Duration::from_secs(60),
            refresh_idle_ttl: Duration::from_secs(14 * 86_400),
            refresh_absolute_ttl: Duration::from_secs(90 * 86_400),
            refresh_grace: Duration::from_secs(10),
            session_idle_ttl: Duration::from_secs(86_400),
            session_absolute_ttl: Duration::from_secs(14 * 86_400),
            access_token_format: AccessTokenFormat::Jwt,
            ml_dsa: false,
            require_pushed_authorization_requests: false,
            token_exchange: false,
            device_authorization: false,
            jwt_bearer: false,
            request_object_encryption: false,
            dpop: DpopPolicy::Offered,
            dpop_nonce_required: false,
            response_types: BTreeSet::from([ResponseType::Code]),
            sign_up_uri: None,
            frontchannel_logout: None,
            session_management: None,
            logout_scope: LogoutScope::Session,
            client_certificate_authorities: Vec::new(),
            registration: RegistrationPolicy::default(),
        }
    }
}

impl TenantSettings {
    /// No token of any tenant lives longer.
    pub const LONGEST_TOKEN_LIFE: Duration = Duration::from_secs(86_400);

    /// The longest life of anything that is signed under these settings.
    #[must_use]
    pub fn longest_life(&self) -> Duration {
        self.access_token_ttl.max(self.id_token_ttl)
    }

    /// The settings of a tenant that says nothing itself, where nothing signed may live longer than that.
    #[must_use]
    pub fn within(longest_token_life: Duration) -> Self {
        let usual = Self::default();
        Self {
            access_token_ttl: usual.access_token_ttl.min(longest_token_life),
            id_token_ttl: usual.id_token_ttl.min(longest_token_life),
            ..usual
        }
    }

    /// Reads the settings as somebody sent them: each within the range that keeps people safe. `longest_token_life`
    /// is what the key policy has promised (the L of the key timing).
    pub fn checked(self, longest_token_life: Duration) -> Result<Self, Malformed> {
        let within = |what, span: Duration, least: u64, most: u64, rule| {
            let whole = span.subsec_nanos() == 0;
            if whole && (least..=most).contains(&span.as_secs()) { Ok(()) } else { Err(Malformed::new(what, rule)) }
        };
        within("access_token_ttl", self.access_token_ttl, 1, 86_400, "must be whole seconds from 1 s to 24 h")?;
        within("id_token_ttl", self.id_token_ttl, 1, 86_400, "must be whole seconds from 1 s to 24 h")?;
        within("code_ttl", self.code_ttl, 1, 60, "must be whole seconds from 1 s to 60 s")?;
        within("refresh_idle_ttl", self.refresh_idle_ttl, 1, 31_536_000, "must be from 1 s to 365 d")?;
        within("refresh_absolute_ttl", self.refresh_absolute_ttl, 1, 63_072_000, "must be from 1 s to 730 d")?;
        within("refresh_grace", self.refresh_grace, 0, 60, "must be whole seconds from 0 s to 60 s")?;
        within("session_idle_ttl", self.session_idle_ttl, 1, 31_536_000, "must be from 1 s to 365 d")?;
        within("session_absolute_ttl", self.session_absolute_ttl, 1, 31_536_000, "must be from 1 s to 365 d")?;
        self.registration.check()?;
        if self.access_token_ttl > longest_token_life {
            return Err(Malformed::new("access_token_ttl", "must not exceed longest_token_life of the key policy"));
        }
        if self.id_token_ttl > longest_token_life {
            return Err(Malformed::new("id_token_ttl", "must not exceed longest_token_life of the key policy"));
        }
        Ok(self)
    }

    /// Refuses what the profile forbids.
    pub fn fits(&self, profile: Profile) -> Result<(), Malformed> {
        if !profile.allows_front_channel_tokens() && !offers::is_code_alone(&self.response_types) {
            return Err(Malformed::new("response_types", "must hold nothing but code under PROFILE_OAUTH21"));
        }
        if self.request_object_encryption && !profile.takes_request_objects() {
            return Err(Malformed::new("request_object_encryption", "must not be true under PROFILE_OAUTH21"));
        }
        let by_frames =
            [("frontchannel_logout", self.frontchannel_logout), ("session_management", self.session_management)];
        if let Some((what, _)) = by_frames.into_iter().find(|(_, on)| *on == Some(true) && !profile.tells_by_frames()) {
            return Err(Malformed::new(what, "must not be true under PROFILE_OAUTH21"));
        }
        match self.access_token_format {
            AccessTokenFormat::Hmac if !profile.allows_shared_secrets() => {
                Err(Malformed::new("access_token_format", "must not be ACCESS_TOKEN_FORMAT_HMAC under PROFILE_OAUTH21"))
            }
            AccessTokenFormat::Hmac | AccessTokenFormat::Jwt | AccessTokenFormat::Opaque => Ok(()),
        }
    }
}

/// Durations as whole seconds in JSON.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(span.as_secs())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
