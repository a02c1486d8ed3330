//! The token response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).

use std::fmt;

use chancery_domain::{confirmation::Confirmation, scope::ScopeSet, secret::OpaqueToken};
use serde::{Serialize, Serializer};

use super::{Call, granted::Granted, grants::token_exchange::ACCESS_TOKEN, issue::Tokens};

/// What goes to the client, and only to it.
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    /// Life of the access token, in seconds.
    expires_in: u64,
    #[serde(serialize_with = "scope", skip_serializing_if = "ScopeSet::is_empty")]
    scope: ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Exposed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    /// What the access token is, where one was exchanged (RFC 8693 section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
}

impl TokenResponse {
    pub(super) fn new(call: &Call<'_>, granted: Granted, tokens: Tokens, refresh_token: Option<OpaqueToken>) -> Self {
        Self {
            access_token: tokens.access,
            token_type: Confirmation::token_type(call.confirmation().as_ref()),
            expires_in: tokens.access_ttl.as_secs(),
            issued_token_type: granted.exchanged.is_some().then_some(ACCESS_TOKEN),
            scope: granted.scopes,
            refresh_token: refresh_token.map(Exposed),
            id_token: tokens.id,
        }
    }
}

/// Shows that there is one.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn scope<S: Serializer>(scopes: &ScopeSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(scopes)
}

/// A token on its way out: this is the one answer that carries it.
pub(crate) struct Exposed(pub(crate) OpaqueToken);

impl Serialize for Exposed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}
