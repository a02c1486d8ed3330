//! What an issuer says of itself (OpenID Connect Discovery section 3, RFC 8414 section 2).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::{ProviderError, fetch::Fetch};

/// Metadata is read anew after so long.
const FRESH_FOR: Duration = Duration::from_secs(86_400);

/// After a failure nobody asks again before this.
const RETRY: Duration = Duration::from_secs(1);

/// The members that our crates use. Each URL has been checked: https, or loopback for an issuer on loopback.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The identifier; the same, byte for byte, as the one that was asked for.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where people are sent to sign in.
    pub authorization_endpoint: Option<String>,
    /// Where codes become tokens.
    pub token_endpoint: Option<String>,
    /// Where an access token becomes claims about a user.
    pub userinfo_endpoint: Option<String>,
    /// Where people are sent to sign out (OpenID Connect RP-Initiated Logout).
    pub end_session_endpoint: Option<String>,
    /// Whether its authorization answers carry `iss` (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    fn urls(&self) -> impl Iterator<Item = &str> {
        let optional =
            [&self.authorization_endpoint, &self.token_endpoint, &self.userinfo_endpoint, &self.end_session_endpoint];
        optional.into_iter().flatten().chain([&self.jwks_uri]).map(String::as_str)
    }
}

/// The metadata of one issuer, kept.
pub(super) struct Discovery {
    fetch: Arc<Fetch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    found: Option<(Instant, Arc<Metadata>)>,
    failed: Option<Instant>,
}

impl Discovery {
    pub(super) fn new(fetch: Arc<Fetch>) -> Self {
        Self { fetch, state: Mutex::default() }
    }

    /// The metadata; of many callers one asks. A day old, it still serves while the issuer is away.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        let mut state = self.state.lock().await;
        let kept = state.found.clone();
        if let Some((since, metadata)) = &kept
            && since.elapsed() < FRESH_FOR
        {
            return Ok(Arc::clone(metadata));
        }
        if state.failed.is_some_and(|since| since.elapsed() < RETRY) {
            return kept.map(|(_, kept)| kept).ok_or_else(|| self.fetch.refuse(WHAT, &"not found a moment ago"));
        }
        match self.discover().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *state = State { found: Some((Instant::now(), Arc::clone(&metadata))), failed: None };
                Ok(metadata)
            }
            Err(error) => {
                state.failed = Some(Instant::now());
                match kept {
                    Some((_, kept)) => {
                        tracing::warn!(%error, "metadata is not renewed");
                        Ok(kept)
                    }
                    None => Err(error),
                }
            }
        }
    }

    /// What is kept is not to be trusted any more: its keys cannot be had where it says.
    pub(super) async fn doubt(&self) {
        self.state.lock().await.found = None;
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let issuer = &self.fetch.issuer;
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let (metadata, _) = self.fetch.json::<Metadata>(WHAT, &url).await?;
        if metadata.issuer != *issuer {
            return Err(self.fetch.refuse(WHAT, &"it speaks for another issuer"));
        }
        let safe = |url: &str| url::Url::parse(url).is_ok_and(|url| self.fetch.scheme.admits(&url));
        if !metadata.urls().all(safe) {
            return Err(self.fetch.refuse(WHAT, &"it names an endpoint that is not https"));
        }
        Ok(metadata)
    }
}

const WHAT: &str = "the metadata";
