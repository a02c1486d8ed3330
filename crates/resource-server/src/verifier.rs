//! The verifier: many issuers, one answer.

mod builder;

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

pub use self::builder::{BuildError, VerifierBuilder};
use crate::{claims::AccessToken, jws::Unverified, provider::Provider, rejection::Rejection};

/// Verifies access tokens. Cheap to clone; the clones share their keys.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    providers: Vec<Provider>,
    audiences: Vec<String>,
    /// In seconds.
    leeway: i64,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Verifier {
    /// Begins a verifier.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// The access token behind that text, or why it is not accepted. One that is bound to a key (the claim `cnf` of RFC 7800)
    /// is not: whoever stole it could present it as well (RFC 9449 section 7.2, RFC 8705 section 3).
    pub async fn verify(&self, token: &str) -> Result<AccessToken, Rejection> {
        let unverified = Unverified::parse(token)?;
        // An access token says that it is one (RFC 9068 section 4), so an ID token never passes.
        if unverified.typ.as_deref() != Some("at+jwt") {
            return Err(Rejection::Type);
        }
        let issuer = unverified.claims.get("iss").and_then(|iss| iss.as_str()).ok_or(Rejection::Claim("iss"))?;
        let mut providers = self.0.providers.iter();
        let provider = providers.find(|provider| provider.issuer() == issuer).ok_or(Rejection::Issuer)?;
        let token = AccessToken::read(provider.verify_parsed(unverified).await?)?;
        if !token.audience.iter().any(|audience| self.0.audiences.contains(audience)) {
            return Err(Rejection::Audience);
        }
        self.check_time(&token)?;
        if token.claims.contains_key("cnf") {
            return Err(Rejection::Bound);
        }
        Ok(token)
    }

    /// The token of an `Authorization` header (RFC 6750 section 2.1), verified.
    #[cfg(any(feature = "axum", feature = "tonic"))]
    pub(crate) async fn verify_header<'a>(
        &self,
        mut headers: impl Iterator<Item = Option<&'a str>> + Send,
    ) -> Result<AccessToken, Rejection> {
        let header = headers.next().ok_or(Rejection::Missing)?;
        if headers.next().is_some() {
            return Err(Rejection::Ambiguous);
        }
        let (scheme, token) = header.and_then(|header| header.split_once(' ')).ok_or(Rejection::Ambiguous)?;
        // Somebody who comes with another scheme has no token of ours.
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Rejection::Missing);
        }
        self.verify(token.trim_start_matches(' ')).await
    }

    /// The verified token of a request. Of the same request it is verified once; what another verifier let through
    /// counts for nothing here.
    #[cfg(feature = "axum")]
    pub(crate) async fn verify_request(
        &self,
        headers: &http::HeaderMap,
        extensions: &mut http::Extensions,
    ) -> Result<AccessToken, Rejection> {
        if let Some(seen) = extensions.get::<Seen>().filter(|seen| Arc::ptr_eq(&seen.by.0, &self.0)) {
            return Ok(seen.token.clone());
        }
        let values: Vec<_> =
            headers.get_all(http::header::AUTHORIZATION).iter().map(|value| value.to_str().ok()).collect();
        let token = self.verify_header(values.into_iter()).await?;
        extensions.insert(Seen { by: self.clone(), token: token.clone() });
        Ok(token)
    }

    fn check_time(&self, token: &AccessToken) -> Result<(), Rejection> {
        let now = (self.0.clock)().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        if now >= token.expires_at.saturating_add(self.0.leeway) {
            return Err(Rejection::Expired);
        }
        let latest = now.saturating_add(self.0.leeway);
        if token.issued_at > latest || token.not_before.is_some_and(|from| from > latest) {
            return Err(Rejection::NotYet);
        }
        Ok(())
    }
}

/// What was verified of a request, and by whom.
#[cfg(feature = "axum")]
#[derive(Clone)]
struct Seen {
    by: Verifier,
    token: AccessToken,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("providers", &self.0.providers)
            .field("audiences", &self.0.audiences)
            .finish_non_exhaustive()
    }
}
