//! An authorization request that passed every check.

use std::{collections::BTreeSet, fmt, time::Duration};

use chancery_domain::{
    code::Challenge,
    id::{ClientId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    vocabulary::{Prompt, ResponseMode},
};
use serde::{Deserialize, Serialize};

/// What a client asks of a user. It travels through the browser, sealed, until a code is issued.
#[derive(Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named that place, so that the token request must too (RFC 6749 section 4.1.3).
    pub redirect_uri_asked: bool,
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
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Which pages must or must not be shown.
    pub prompts: BTreeSet<Prompt>,
    /// How long ago, in seconds, the user may have proved who they are.
    pub max_age: Option<u32>,
    /// What the user may type to sign in: a suggestion from outside, to be shown escaped and never trusted.
    pub login_hint: Option<String>,
    /// The one user whom the answer may be about, from `id_token_hint`.
    pub hinted_user: Option<UserId>,
    /// The digest of its reference, where the client pushed it (RFC 9126): used up when it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<[u8; 32]>,
    /// When it came in.
    pub asked_at: Timestamp,
}

impl AuthorizationRequest {
    /// How long a user may take to finish it.
    pub const LIFE: Duration = Duration::from_secs(3600);
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
