//! An authorization request that passed every check.

use std::{collections::BTreeSet, fmt, time::Duration};

use chancery_domain::{
    claims_request::ClaimsRequest,
    client::Client,
    code::Challenge,
    confirmation::Confirmation,
    id::{ClientId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    vocabulary::{Acr, Display, Prompt, ResponseMode, ResponseType},
};
use serde::{Deserialize, Serialize};

use super::return_path::ReturnPath;

/// What a client asks of a user. It travels through the browser, sealed, until it is answered.
#[derive(Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named that place, so that the token request must too (RFC 6749 section 4.1.3).
    pub redirect_uri_asked: bool,
    /// What is to be given.
    #[serde(default = "code")]
    pub response_type: ResponseType,
    /// How the answer goes there.
    pub response_mode: ResponseMode,
    /// Comes back unchanged.
    pub state: Option<String>,
    /// What is asked for.
    pub scopes: ScopeSet,
    /// The resources that are named (RFC 8707 section 2.1); mostly none.
    #[serde(default)]
    pub resources: ResourceSet,
    /// The PKCE challenge (RFC 7636).
    pub challenge: Option<Challenge>,
    /// The key that whoever redeems the code must prove to have (RFC 9449 section 10); mostly none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Which pages must or must not be shown.
    pub prompts: BTreeSet<Prompt>,
    /// How long ago, in seconds, the user may have proved who they are.
    pub max_age: Option<u32>,
    /// What the user may type to sign in: a suggestion from outside, to be shown escaped and never trusted.
    pub login_hint: Option<String>,
    /// The one user whom the answer may be about, from `id_token_hint` or from the claim `sub`.
    pub hinted_user: Option<UserId>,
    /// Single claims that are named.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// The scopes behind those claims, where they are not asked for by themselves: the user is asked about them too.
    #[serde(default)]
    pub claim_scopes: ScopeSet,
    /// What the sign-in must prove.
    #[serde(default)]
    pub acr: WantedAcr,
    /// The window that the pages are shown in.
    #[serde(default)]
    pub display: Option<Display>,
    /// The languages for the pages, the preferred one first.
    #[serde(default)]
    pub ui_locales: Vec<String>,
    /// The digest of its reference, where the client pushed it (RFC 9126): used up when it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<[u8; 32]>,
    /// When it came in.
    pub asked_at: Timestamp,
}

/// What the client wants to know of how the user signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedAcr {
    /// Whether it wants to be told.
    pub told: bool,
    /// One of these must be proven, where there are any.
    pub essential: BTreeSet<Acr>,
}

impl AuthorizationRequest {
    /// How long a user may take to finish it.
    pub const LIFE: Duration = Duration::from_secs(3600);

    /// A request of which only the way back is known yet.
    pub(super) fn begin(back: &ReturnPath, client: &Client, now: Timestamp) -> Self {
        Self {
            client_id: client.id.clone(),
            redirect_uri: back.target.uri.clone(),
            redirect_uri_asked: back.target.asked,
            response_type: ResponseType::Code,
            response_mode: back.mode,
            state: back.state.clone(),
            scopes: ScopeSet::default(),
            resources: ResourceSet::default(),
            challenge: None,
            confirmation: None,
            nonce: None,
            prompts: BTreeSet::new(),
            max_age: None,
            login_hint: None,
            hinted_user: None,
            claims: ClaimsRequest::default(),
            claim_scopes: ScopeSet::default(),
            acr: WantedAcr::default(),
            display: None,
            ui_locales: Vec::new(),
            pushed: None,
            asked_at: now,
        }
    }

    /// Everything that the user has to allow: the scopes, and those behind single claims.
    #[must_use]
    pub fn wanted(&self) -> ScopeSet {
        if self.claim_scopes.is_empty() { self.scopes.clone() } else { self.scopes.joined(&self.claim_scopes) }
    }

    /// The same request once the user has been where people make themselves an account: now they sign in with it.
    #[must_use]
    pub fn after_sign_up(mut self) -> Self {
        if self.prompts.remove(&Prompt::Create) {
            self.prompts.insert(Prompt::Login);
        }
        self
    }
}

/// What every request asked for before there was a choice.
const fn code() -> ResponseType {
    ResponseType::Code
}

/// Shows who asks for what, and nothing that came in from the user.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
