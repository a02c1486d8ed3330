//! A client: an application that asks for tokens.

mod about;
mod certificates;
mod exchange;
mod fields;
mod keys;
mod lifetimes;
mod logout;
mod metadata;
mod requests;
mod secret;
mod sector;
mod tokens;
mod used;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::about::ClientAbout;
pub use self::certificates::ClientCertificates;
pub use self::exchange::ExchangePolicy;
pub use self::fields::{ClientField, ClientSecretField};
pub use self::keys::{ClientKeys, Encryption, JwksUri};
pub use self::lifetimes::TokenLifetimes;
pub use self::logout::{BackchannelUri, ClientLogout, FrontchannelUri, web_origin};
pub use self::metadata::ClientMetadata;
pub use self::requests::{ClientRequests, RequestUri};
pub use self::secret::{ClientSecret, IdTokenSigning, SecretUse};
pub use self::sector::SectorIdentifierUri;
pub use self::tokens::ClientTokens;
pub use self::used::ClientUse;
use crate::{
    fault::{IllegalMove, Malformed},
    id::{ClientId, ClientUid, SecretId},
    plain_host,
    redirect_uri::RedirectUri,
    scope::ScopeSet,
    secret::{Digest, OpaqueToken},
    time::Timestamp,
    version::Version,
    vocabulary::{ClientAuthMethod, GrantType},
};

/// What kind of application it is (OAuth 2.1 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// Runs on a server or in a browser; redirect URIs match byte for byte.
    Web,
    /// Runs on a device; may use loopback ports and private-use schemes.
    Native,
    /// Acts for itself alone.
    Service,
}

impl ClientKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Web, Self::Native, Self::Service];

    /// The name in storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
            Self::Service => "service",
        }
    }
}

/// Whether a client may do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientState {
    /// It may.
    Enabled,
    /// Every endpoint refuses it, and its tokens are inactive.
    Disabled,
}

impl ClientState {
    /// The name of the state.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// A client as stored.
#[derive(Clone, Debug)]
pub struct Client {
    /// What grants hang on; never used twice.
    pub uid: ClientUid,
    /// The `client_id`.
    pub id: ClientId,
    /// What the consent page calls it.
    pub display_name: String,
    /// What kind of application it is.
    pub kind: ClientKind,
    /// How it may authenticate. Either only `none`, or some of the others.
    pub auth_methods: BTreeSet<ClientAuthMethod>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// What it may ask the token endpoint for.
    pub grant_types: BTreeSet<GrantType>,
    /// The scopes it may ask for at most.
    pub scopes: ScopeSet,
    /// A trusted client: people are not asked.
    pub skip_consent: bool,
    /// Whether it must send a PKCE challenge even where its profile does not ask for one.
    pub require_pkce: bool,
    /// Web origins that may read answers meant for it (CORS).
    pub allowed_origins: Vec<String>,
    /// A picture for the pages.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// What signs its ID tokens.
    pub id_token_signing: IdTokenSigning,
    /// What else it registered.
    pub metadata: ClientMetadata,
    /// Digest of the token by which it manages its registration, where it registered itself (RFC 7592).
    pub registration_token: Option<Digest>,
    /// Its secrets; several while one replaces another.
    pub secrets: Vec<ClientSecret>,
    /// Whether it may do anything; moves by methods only.
    pub(crate) state: ClientState,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Client {
    /// At most this many secrets at a time, expired ones included.
    pub const MOST_SECRETS: usize = 5;

    /// At most this many secrets that work: one, and the one that takes its place.
    pub const MOST_LIVE_SECRETS: usize = 2;

    /// A new, enabled client that may do nothing yet but exist.
    #[must_use]
    pub fn new(uid: ClientUid, id: ClientId, kind: ClientKind, now: Timestamp) -> Self {
        Self {
            uid,
            display_name: id.to_string(),
            id,
            kind,
            auth_methods: BTreeSet::new(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: BTreeSet::new(),
            scopes: ScopeSet::default(),
            skip_consent: false,
            require_pkce: true,
            allowed_origins: Vec::new(),
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            id_token_signing: IdTokenSigning::TenantKey,
            metadata: ClientMetadata::default(),
            registration_token: None,
            secrets: Vec::new(),
            state: ClientState::Enabled,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }

    /// The client in the state that its row tells.
    #[must_use]
    pub fn stored_as(self, state: ClientState) -> Self {
        Self { state, ..self }
    }

    /// Whether the parts fit together; call it before storing what somebody sent.
    pub fn checked(self) -> Result<Self, Malformed> {
        let public = self.auth_methods.contains(&ClientAuthMethod::None);
        if self.auth_methods.is_empty() {
            return Err(Malformed::new("auth_methods", "must name at least one method"));
        }
        if public && self.auth_methods.len() > 1 {
            return Err(Malformed::new("auth_methods", "must not join none with another method"));
        }
        if self.grant_types.is_empty() {
            return Err(Malformed::new("grant_types", "must name at least one grant type"));
        }
        if public && self.grant_types.contains(&GrantType::ClientCredentials) {
            return Err(Malformed::new("grant_types", "must not hold client_credentials for a public client"));
        }
        if public && self.grant_types.contains(&GrantType::TokenExchange) {
            return Err(Malformed::new("grant_types", "must not hold token_exchange for a public client"));
        }
        let code = self.grant_types.contains(&GrantType::AuthorizationCode);
        let implicit = self.grant_types.contains(&GrantType::Implicit);
        if (code || implicit) && self.redirect_uris.is_empty() {
            let rule = "must hold at least one for the grants authorization_code and implicit";
            return Err(Malformed::new("redirect_uris", rule));
        }
        self.metadata.check_response_types(code, implicit)?;
        let device = self.grant_types.contains(&GrantType::DeviceCode);
        if self.grant_types.contains(&GrantType::RefreshToken) && !code && !device {
            let rule = "must hold authorization_code or device_code where refresh_token stands";
            return Err(Malformed::new("grant_types", rule));
        }
        if public && !self.secrets.is_empty() {
            return Err(Malformed::new("auth_methods", "must not be none while the client has secrets"));
        }
        if public && self.id_token_signing == IdTokenSigning::ClientSecret {
            return Err(Malformed::new("id_token_signed_response_alg", "must be empty for a public client"));
        }
        self.check_requests()?;
        self.check_certificates()?;
        self.metadata.logout.fits(&self)?;
        self.check_tokens()?;
        Ok(self)
    }

    /// The state it is in.
    #[must_use]
    pub const fn state(&self) -> ClientState {
        self.state
    }

    /// Whether it may do anything.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.state == ClientState::Enabled
    }

    /// Whether it can keep no secret.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.auth_methods.contains(&ClientAuthMethod::None)
    }

    /// Whether it registered itself, so that nobody vouches for what it says of itself.
    #[must_use]
    pub const fn registered_itself(&self) -> bool {
        self.registration_token.is_some()
    }

    /// The name of whoever registered it.
    #[must_use]
    pub const fn registered_by(&self) -> &'static str {
        if self.registered_itself() { "self" } else { "operator" }
    }

    /// Refuses it everywhere from now on.
    pub fn disable(self) -> Result<Self, IllegalMove> {
        match self.state {
            ClientState::Enabled => Ok(Self { state: ClientState::Disabled, ..self }),
            ClientState::Disabled => Err(IllegalMove { from: "disabled", to: "disabled" }),
        }
    }

    /// Lets it work again.
    pub fn enable(self) -> Result<Self, IllegalMove> {
        match self.state {
            ClientState::Disabled => Ok(Self { state: ClientState::Enabled, ..self }),
            ClientState::Enabled => Err(IllegalMove { from: "enabled", to: "enabled" }),
        }
    }

    /// Whether the token is one of its live secrets.
    #[must_use]
    pub fn knows_secret(&self, presented: &OpaqueToken, now: Timestamp) -> bool {
        self.secret_of(presented, now).is_some()
    }

    /// Which of its live secrets the token is. Every secret is compared, in the same time each.
    #[must_use]
    pub fn secret_of(&self, presented: &OpaqueToken, now: Timestamp) -> Option<SecretId> {
        let digest = presented.digest();
        self.secrets.iter().fold(None, |known, secret| {
            let live = secret.is_live(now);
            (secret.digest == digest && live).then_some(secret.id).or(known)
        })
    }

    /// Whether answers may be sent to that place.
    #[must_use]
    pub fn admits_redirect(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|uri| uri.admits(asked, self.kind))
    }

    /// Whether a browser may go there after signing out.
    #[must_use]
    pub fn admits_post_logout(&self, asked: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|uri| uri.admits(asked, self.kind))
    }
}

/// Reads a web origin, `scheme://host[:port]`, as browsers send it.
pub fn origin(text: &str) -> Result<String, Malformed> {
    let rule = Malformed::new("allowed_origins", "must be origins such as https://app.example");
    let url = url::Url::parse(text).map_err(|_| rule.clone())?;
    let exact = matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == text;
    if exact { Ok(text.to_owned()) } else { Err(rule) }
}

/// Reads the address of a page or picture that our pages will link to: https only, so that nothing can run.
pub fn shown_uri(what: &'static str, text: &str) -> Result<String, Malformed> {
    let rule = Malformed::new(what, "must be an https URL of at most 2048 characters");
    let url = url::Url::parse(text).map_err(|_| rule.clone())?;
    if !plain_host::has_plain_host(&url) {
        return Err(Malformed::new(what, plain_host::RULE));
    }
    if url.scheme() == "https" && text.len() <= 2048 { Ok(url.to_string()) } else { Err(rule) }
}
