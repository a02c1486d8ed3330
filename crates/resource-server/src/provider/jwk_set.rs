//! The keys of one issuer, kept for as long as it says.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{ProviderError, fetch::Fetch, metadata::Discovery};
use crate::{
    jwk::{Algorithm, Jwk, VerifyingKey},
    jws::Unverified,
    rejection::Rejection,
};

/// How long keys are fresh when their answer does not say.
const FRESH_FOR: Duration = Duration::from_secs(300);

/// How long keys are fresh at least and at most, whatever their answer says.
const BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(86_400));

/// After a failure nobody asks again before this.
const RETRY: Duration = Duration::from_secs(1);

/// More keys than this are not read.
const MOST: usize = 100;

/// The keys of one issuer.
pub(super) struct Keys {
    fetch: Arc<Fetch>,
    algorithms: Vec<Algorithm>,
    cool_down: Duration,
    outage: Duration,
    current: ArcSwapOption<KeySet>,
    /// Held while keys are fetched: of many callers one asks.
    asking: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    /// When keys were last fetched for want of one that a token named.
    for_unknown: Option<Instant>,
    failed: Option<Instant>,
}

struct KeySet {
    keys: Vec<VerifyingKey>,
    since: Instant,
    fresh_for: Duration,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl Keys {
    pub(super) fn new(fetch: Arc<Fetch>, algorithms: Vec<Algorithm>, cool_down: Duration, outage: Duration) -> Self {
        let (current, asking) = (ArcSwapOption::empty(), Mutex::default());
        Self { fetch, algorithms, cool_down, outage, current, asking }
    }

    /// Whether one of the issuer's keys signed the token.
    pub(super) async fn verify(&self, discovery: &Discovery, token: &Unverified<'_>) -> Result<(), Rejection> {
        if !self.algorithms.contains(&token.algorithm) {
            return Err(Rejection::Algorithm);
        }
        let known = self.current.load_full().filter(|set| set.is_fresh() && set.knows(token));
        let set = match known {
            Some(set) => set,
            None => self.renewed(discovery, token).await?,
        };
        set.verify(token)
    }

    /// Fetches the keys, unless somebody has just done so or it is too soon.
    async fn renewed(&self, discovery: &Discovery, token: &Unverified<'_>) -> Result<Arc<KeySet>, Rejection> {
        let mut asked = self.asking.lock().await;
        let current = self.current.load_full();
        if let Some(set) = current.as_ref().filter(|set| set.is_fresh()) {
            let too_soon = asked.for_unknown.is_some_and(|since| since.elapsed() < self.cool_down);
            if set.knows(token) || too_soon {
                return Ok(Arc::clone(set));
            }
            asked.for_unknown = Some(Instant::now());
        }
        let last_good = current.filter(|set| set.is_usable(self.outage)).ok_or(Rejection::Unavailable);
        if asked.failed.is_some_and(|since| since.elapsed() < RETRY) {
            return last_good;
        }
        match self.load(discovery).await {
            Ok(set) => {
                let set = Arc::new(set);
                self.current.store(Some(Arc::clone(&set)));
                asked.failed = None;
                Ok(set)
            }
            Err(error) => {
                tracing::warn!(%error, "keys are not renewed");
                asked.failed = Some(Instant::now());
                last_good
            }
        }
    }

    async fn load(&self, discovery: &Discovery) -> Result<KeySet, ProviderError> {
        const WHAT: &str = "the keys";
        let metadata = discovery.metadata().await?;
        let fetched = self.fetch.json::<Published>(WHAT, &metadata.jwks_uri).await;
        let (published, fresh_for) = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                discovery.doubt().await;
                return Err(error);
            }
        };
        // A key of a kind that we do not know is somebody else's, not a fault.
        let jwks = published.keys.into_iter().take(MOST).filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<_> = jwks.filter_map(|jwk| VerifyingKey::read(jwk, &self.algorithms)).collect();
        if keys.is_empty() {
            return Err(self.fetch.refuse(WHAT, &"there is no key to verify with"));
        }
        let fresh_for = fresh_for.unwrap_or(FRESH_FOR).clamp(BOUNDS.0, BOUNDS.1);
        Ok(KeySet { keys, since: Instant::now(), fresh_for })
    }
}

impl KeySet {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < self.fresh_for
    }

    fn is_usable(&self, outage: Duration) -> bool {
        self.since.elapsed() < self.fresh_for + outage
    }

    /// Whether it has the key that the token names; of a token that names none, a key for its algorithm.
    fn knows(&self, token: &Unverified<'_>) -> bool {
        self.named(token).next().is_some()
    }

    fn named<'a>(&'a self, token: &'a Unverified<'_>) -> impl Iterator<Item = &'a VerifyingKey> {
        self.keys.iter().filter(|key| match &token.key {
            Some(name) => key.id.as_ref() == Some(name),
            None => key.fits(token.algorithm),
        })
    }

    fn verify(&self, token: &Unverified<'_>) -> Result<(), Rejection> {
        if !self.knows(token) {
            return Err(Rejection::UnknownKey);
        }
        let mut fitting = self.named(token).filter(|key| key.fits(token.algorithm)).peekable();
        if fitting.peek().is_none() {
            return Err(Rejection::Algorithm);
        }
        let signed = fitting.any(|key| key.verifies(token.algorithm, token.message, &token.signature));
        if signed { Ok(()) } else { Err(Rejection::Signature) }
    }
}
