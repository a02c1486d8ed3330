//! One place that keys are fetched from: when it is asked, and what serves meanwhile.

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    client::JwksUri,
    fault::Malformed,
    id::TenantId,
    outbound::Document,
    ports::{
        client_jose::ClientKeySet,
        client_key_sets::NoClientKeys,
        outbound::{Fetched, OutboundError},
    },
    time::Timestamp,
    trusted_issuer::IssuerName,
};
use tokio::sync::Mutex;

use super::Tools;

/// For how long a set is fresh whose server does not say.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// For how long a set is fresh at least, and how often a place is asked at most when a key is not found there or it fails
/// (any number of unknown `kid`s costs one fetch a minute).
const COOL_DOWN: Duration = Duration::from_secs(60);
/// For how long a set is fresh at most: a key that its client took back serves no longer than this.
const FRESH_AT_MOST: Duration = Duration::from_secs(60 * 60);
/// For how long the last good set serves while its source fails.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a place is asked at most that never gave a set: its client cannot do anything meanwhile.
const IMPATIENCE: Duration = Duration::from_secs(10);

/// What somebody wants of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Keys that are fresh.
    Fresh,
    /// Keys that are newer than those seen, if there may be some.
    Newer,
}

/// Where keys are fetched from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// That address.
    Address(JwksUri),
    /// Wherever the metadata of that issuer say. They are read before each fetch, and where they are not to be had or not
    /// its own, the fetch has failed.
    Metadata(IssuerName),
}

/// A place with what is known of it. Whoever asks while it is being fetched from waits for that one fetch.
pub(super) struct Source {
    tenant: TenantId,
    origin: Origin,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    kept: Option<Kept>,
    asked: Option<Asked>,
}

/// The last good set.
struct Kept {
    keys: Arc<dyn ClientKeySet>,
    since: Timestamp,
    fresh_for: Duration,
}

/// The last time that it was asked, and what came of it.
struct Asked {
    at: Timestamp,
    failed: Option<NoClientKeys>,
}

impl Source {
    pub(super) fn new(tenant: TenantId, origin: Origin) -> Self {
        Self { tenant, origin, known: Arc::default() }
    }

    pub(super) async fn keys(&self, tools: &Arc<Tools>, want: Want) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        let mut known = Arc::clone(&self.known).lock_owned().await;
        let now = tools.clock.now();
        if !known.is_to_be_asked(want, now) {
            return known.answer(now);
        }
        // In a task of its own: a caller who hangs up must not have made a fetch in vain, or he could have the next one
        // made at once, again and again.
        let (tools, tenant, origin) = (Arc::clone(tools), self.tenant, self.origin.clone());
        let asking = tokio::spawn(async move {
            let found = fetch(&tools, tenant, &origin).await;
            if let Err(why) = &found {
                warn(tenant, &origin, why);
            }
            let now = tools.clock.now();
            known.note(found, now);
            known.answer(now)
        });
        asking.await.unwrap_or(Err(NoClientKeys::NotFetched(OutboundError::Unreachable)))
    }
}

fn warn(tenant: TenantId, origin: &Origin, why: &NoClientKeys) {
    match origin {
        Origin::Address(_) => tracing::warn!(tenant.id = %tenant, error = %why, "a client's keys could not be fetched"),
        Origin::Metadata(issuer) => {
            tracing::warn!(tenant.id = %tenant, %issuer, error = %why, "a trusted issuer's keys could not be fetched");
        }
    }
}

async fn fetch(
    tools: &Tools,
    tenant: TenantId,
    origin: &Origin,
) -> Result<(Arc<dyn ClientKeySet>, Option<Duration>), NoClientKeys> {
    let uri = match origin {
        Origin::Address(uri) => uri.clone(),
        Origin::Metadata(issuer) => issuer.discover(&*tools.fetch, tenant).await?,
    };
    let uri = tools.fetch.check(uri.as_str()).map_err(OutboundError::from)?;
    let Fetched { body, fresh } = tools.fetch.fetch(tenant, &uri, Document::KeySet).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Malformed::new("jwks", "must be text in UTF-8"))?;
    Ok((tools.reader.read(text)?, fresh))
}

impl Known {
    fn is_to_be_asked(&self, want: Want, now: Timestamp) -> bool {
        let rest = if self.kept.is_some() { COOL_DOWN } else { IMPATIENCE };
        let is_resting = self.asked.as_ref().is_some_and(|asked| is_within(now, asked.at, rest));
        let is_fresh = self.kept.as_ref().is_some_and(|kept| is_within(now, kept.since, kept.fresh_for));
        match want {
            Want::Fresh => !is_fresh && !is_resting,
            Want::Newer => !is_resting,
        }
    }

    /// Takes a new set, or keeps the last good one and remembers why there is no newer.
    fn note(&mut self, found: Result<(Arc<dyn ClientKeySet>, Option<Duration>), NoClientKeys>, now: Timestamp) {
        let failed = match found {
            Ok((keys, fresh)) => {
                let fresh_for = fresh.unwrap_or(FRESH).clamp(COOL_DOWN, FRESH_AT_MOST);
                self.kept = Some(Kept { keys, since: now, fresh_for });
                None
            }
            Err(why) => Some(why),
        };
        self.asked = Some(Asked { at: now, failed });
    }

    /// The last good set while it may serve, and else why there is none.
    fn answer(&self, now: Timestamp) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        match (&self.kept, &self.asked) {
            (Some(kept), _) if is_within(now, kept.since, KEEP) => Ok(Arc::clone(&kept.keys)),
            (_, Some(Asked { failed: Some(why), .. })) => Err(why.clone()),
            (_, Some(Asked { failed: None, .. }) | None) => Err(NoClientKeys::NotFetched(OutboundError::Unreachable)),
        }
    }
}

/// Whether `at` was no longer than `span` ago. A time that lies ahead was told by a clock that went back since.
fn is_within(now: Timestamp, at: Timestamp, span: Duration) -> bool {
    at <= now && now.since(at) < span
}
