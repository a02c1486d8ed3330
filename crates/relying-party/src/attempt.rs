//! A sign-in that is under way: what is sent along, and what must come back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{error::SignInError, provider, relying_party::RelyingParty, store::Kind, token};

/// A sign-in that takes longer begins anew.
pub(crate) const LIFE: Duration = Duration::from_secs(600);

/// A sign-in under way, as kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) state: String,
    pub(crate) nonce: String,
    /// The code verifier of PKCE (RFC 7636 section 4.1).
    pub(crate) verifier: String,
    pub(crate) return_to: String,
    /// When it ends, in seconds since 1970.
    expires_at: i64,
}

/// A sign-in that has just begun.
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) url: String,
    /// What the browser holds meanwhile.
    pub(crate) cookie: String,
    pub(crate) state: String,
}

impl Attempt {
    /// Begins a sign-in that will come back to that path.
    pub(crate) async fn begin(rp: &RelyingParty, return_to: &str) -> Result<Begun, SignInError> {
        let endpoint = provider::authorization_endpoint(rp).await?;
        let life = i64::try_from(LIFE.as_secs()).unwrap_or_default();
        let attempt = Self {
            state: token::random()?,
            nonce: token::random()?,
            verifier: token::random()?,
            return_to: return_to.to_owned(),
            expires_at: rp.seconds() + life,
        };
        let cookie = token::random()?;
        let record = serde_json::to_vec(&attempt).map_err(|_| SignInError::Unavailable("a record is not JSON"))?;
        rp.0.store.put(Kind::Attempt, &token::sha256(&cookie), record, rp.now() + LIFE).await?;
        Ok(Begun { url: attempt.request(rp, endpoint), cookie, state: attempt.state })
    }

    /// Takes the sign-in that belongs to this cookie and this `state`. It serves once, whatever comes of it.
    pub(crate) async fn take(rp: &RelyingParty, cookie: &str, state: &str) -> Result<Self, SignInError> {
        let record = rp.0.store.take(Kind::Attempt, &token::sha256(cookie)).await?;
        let attempt: Option<Self> = record.and_then(|record| serde_json::from_slice(&record).ok());
        attempt.filter(|own| own.state == state && rp.seconds() < own.expires_at).ok_or(SignInError::NotBegunHere)
    }

    /// The authorization request (OpenID Connect Core section 3.1.2.1).
    fn request(&self, rp: &RelyingParty, mut endpoint: Url) -> String {
        endpoint
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &rp.0.client_id)
            .append_pair("redirect_uri", &rp.0.redirect_uri)
            .append_pair("scope", &rp.0.scope)
            .append_pair("state", &self.state)
            .append_pair("nonce", &self.nonce)
            .append_pair("code_challenge", &token::sha256(&self.verifier))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(&rp.0.parameters);
        endpoint.into()
    }
}
