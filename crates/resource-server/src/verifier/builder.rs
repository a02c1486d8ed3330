//! How a verifier is told what to trust.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Inner, Verifier};
use crate::{
    jwk::Algorithm,
    provider::{BadIssuer, Options, Provider},
};

/// The most that clocks may differ.
const MOST_LEEWAY: Duration = Duration::from_secs(60);

/// Gathers what a [`Verifier`] trusts.
#[must_use = "a builder does nothing until built"]
pub struct VerifierBuilder {
    issuers: Vec<String>,
    audiences: Vec<String>,
    leeway: Duration,
    options: Options,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// Why a verifier cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No issuer was named.
    #[error("name at least one issuer")]
    NoIssuer,
    /// No audience was named.
    #[error("name at least one audience: the identifier of this service")]
    NoAudience,
    /// Clocks may not differ by so much.
    #[error("leeway must be at most 60 s")]
    Leeway,
    /// No algorithm is allowed.
    #[error("allow at least one algorithm")]
    NoAlgorithm,
    /// That text cannot be an issuer.
    #[error(transparent)]
    Issuer(#[from] BadIssuer),
}

impl Default for VerifierBuilder {
    fn default() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the time unless another clock is given")]
        let clock = Box::new(SystemTime::now);
        let (issuers, audiences, options) = (Vec::new(), Vec::new(), Options::default());
        Self { issuers, audiences, leeway: MOST_LEEWAY, options, clock }
    }
}

impl VerifierBuilder {
    /// Trusts an issuer. Call it again for more.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Names this service as tokens name it in `aud`. Call it again for more names; a token needs one of them.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How much clocks may differ, at most and by default 60 s.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// Allows these algorithms only.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.options.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How seldom keys are fetched because a token names an unknown one; 10 s by default.
    pub fn cool_down(mut self, cool_down: Duration) -> Self {
        self.options.cool_down = cool_down;
        self
    }

    /// For how long beyond their `max-age` the last good keys serve while an issuer is away; an hour by default.
    pub fn outage(mut self, outage: Duration) -> Self {
        self.options.outage = outage;
        self
    }

    /// Calls issuers with this client. It should follow no redirects and have a timeout.
    pub fn client(mut self, client: reqwest::Client) -> Self {
        self.options.client = Some(client);
        self
    }

    /// Tells the time, where the system's clock does not do.
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Builds it. No issuer is called before the first token comes.
    pub fn build(self) -> Result<Verifier, BuildError> {
        if self.issuers.is_empty() {
            return Err(BuildError::NoIssuer);
        }
        if self.audiences.is_empty() {
            return Err(BuildError::NoAudience);
        }
        if self.options.algorithms.is_empty() {
            return Err(BuildError::NoAlgorithm);
        }
        let leeway = i64::try_from(self.leeway.as_secs()).ok().filter(|_| self.leeway <= MOST_LEEWAY);
        let leeway = leeway.ok_or(BuildError::Leeway)?;
        let provider = |issuer: &String| Provider::new(issuer, self.options.clone());
        let providers = self.issuers.iter().map(provider).collect::<Result<_, _>>()?;
        Ok(Verifier(Arc::new(Inner { providers, audiences: self.audiences, leeway, clock: self.clock })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(issuer: &str, audience: Option<&str>, leeway: u64) -> Result<Verifier, BuildError> {
        let builder = Verifier::builder().issuer(issuer).leeway(Duration::from_secs(leeway));
        match audience {
            Some(audience) => builder.audience(audience).build(),
            None => builder.build(),
        }
    }

    #[test]
    fn a_verifier_knows_whom_it_trusts_and_who_it_is() {
        assert!(build("https://id.example/t/acme", Some("api"), 60).is_ok());
        assert!(build("http://127.0.0.1:8080/t/acme", Some("api"), 0).is_ok());
        assert_eq!(build("https://id.example", None, 0).err(), Some(BuildError::NoAudience));
        assert_eq!(build("https://id.example", Some("api"), 61).err(), Some(BuildError::Leeway));
        assert_eq!(Verifier::builder().audience("api").build().err(), Some(BuildError::NoIssuer));
        for bad in ["http://id.example", "id.example", "https://id.example/?a", "https://id.example/#a"] {
            assert_eq!(build(bad, Some("api"), 0).err(), Some(BuildError::Issuer(BadIssuer(bad.into()))));
        }
    }
}
