//! An issuer as seen from outside: its metadata, its keys, and whether it signed a token.
//!
//! [`Verifier`](crate::Verifier) is made of these. Take one by itself to verify what is no access token, such as an ID
//! token, or to learn the endpoints of an issuer.

mod endpoint;
mod fetch;
mod jwk_set;
mod metadata;

use std::{fmt, sync::Arc, time::Duration};

use url::Url;

pub use self::metadata::Metadata;
use self::{endpoint::Scheme, fetch::Fetch, jwk_set::Keys, metadata::Discovery};
use crate::{
    jwk::Algorithm,
    jws::{Unverified, Verified},
    rejection::Rejection,
};

/// One issuer.
pub struct Provider {
    issuer: String,
    discovery: Discovery,
    keys: Keys,
}

/// How an issuer is spoken to.
#[derive(Clone, Debug)]
pub struct Options {
    /// What its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// Keys are fetched at most once in this time because a token named one that nobody knows.
    pub cool_down: Duration,
    /// While the issuer is away, its last good keys serve for so long beyond their `max-age`.
    pub outage: Duration,
    /// The client to call with, where the standard one does not do: with certificates of one's own, say. It should
    /// follow no redirects and have a timeout.
    pub client: Option<reqwest::Client>,
}

/// What an issuer answered was not usable, or it did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{what} of {issuer}: {why}")]
pub struct ProviderError {
    /// The issuer.
    pub issuer: String,
    what: &'static str,
    why: String,
}

/// The text cannot be the identifier of an issuer: it must be a URL with https (http on a loopback address), without
/// query and fragment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be an issuer: it must be an https URL without query and fragment")]
pub struct BadIssuer(pub String);

impl Default for Options {
    fn default() -> Self {
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            cool_down: Duration::from_secs(10),
            outage: Duration::from_secs(3600),
            client: None,
        }
    }
}

impl Provider {
    /// The issuer of that identifier. Nothing is called yet.
    pub fn new(issuer: &str, options: Options) -> Result<Self, BadIssuer> {
        let bad = || BadIssuer(issuer.to_owned());
        let url = Url::parse(issuer).map_err(|_| bad())?;
        let scheme = Scheme::of(&url).ok_or_else(bad)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad());
        }
        let fetch = Arc::new(Fetch::new(issuer.to_owned(), options.client, scheme));
        let discovery = Discovery::new(Arc::clone(&fetch));
        let keys = Keys::new(fetch, options.algorithms, options.cool_down, options.outage);
        Ok(Self { issuer: issuer.to_owned(), discovery, keys })
    }

    /// Its identifier, as it stands in the `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its metadata (OpenID Connect Discovery section 3), fetched once a day.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.discovery.metadata().await
    }

    /// The token, if this issuer signed it. Its `iss`, type, time and audience are the caller's to look at.
    pub async fn verify(&self, token: &str) -> Result<Verified, Rejection> {
        self.verify_parsed(Unverified::parse(token)?).await
    }

    pub(crate) async fn verify_parsed(&self, token: Unverified<'_>) -> Result<Verified, Rejection> {
        self.keys.verify(&self.discovery, &token).await?;
        Ok(Verified { algorithm: token.algorithm, typ: token.typ, claims: token.claims })
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
