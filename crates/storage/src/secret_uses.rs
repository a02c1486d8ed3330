//! Uses of clients' secrets, gathered in memory and written a few at a time, so that no request waits for it.
//!
//! A secret's first use is written within seconds, later ones at most once a minute. What a process that is killed had
//! not written is lost: it tells operators which secret can go, and nothing depends on it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chancery_domain::{
    client::SecretUse,
    fault::Fault,
    id::{ClientUid, SecretId, TenantId},
    ports::client_secrets::SecretUses as _,
    time::Timestamp,
};
use tokio_util::sync::CancellationToken;

use crate::{database::Database, rows::Rows};

/// How long a use waits for company at least.
const WAIT: Duration = Duration::from_secs(2);
/// How seldom one secret is written.
const REST: Duration = Duration::from_secs(60);
/// How many secrets are remembered; of others nothing is noted while there is no room.
const MOST: usize = 65_536;
/// How many are written in one transaction.
const LARGEST_BATCH: usize = 256;

/// What was used lately.
#[derive(Default)]
pub(crate) struct SecretUses(Mutex<HashMap<(TenantId, ClientUid, SecretId), Noted>>);

/// The uses of one secret.
#[derive(Clone, Copy)]
struct Noted {
    last: Timestamp,
    written: Option<Timestamp>,
}

impl Noted {
    /// Whether it is time to write the last use down.
    fn is_due(self, now: Timestamp) -> bool {
        self.written.is_none_or(|written| self.last > written && now >= written + REST)
    }

    /// Whether nothing is left to write, and nothing was used for so long that it need not be remembered.
    fn is_idle(self, now: Timestamp) -> bool {
        self.written.is_some_and(|written| self.last <= written && now >= written + REST)
    }
}

impl SecretUses {
    /// Notes a use.
    pub(crate) fn take(&self, used: SecretUse) {
        let mut noted = self.noted();
        let full = noted.len() >= MOST;
        let place = (used.tenant, used.client, used.secret);
        match noted.get_mut(&place) {
            Some(there) => there.last = there.last.max(used.at),
            None if full => {}
            None => drop(noted.insert(place, Noted { last: used.at, written: None })),
        }
    }

    /// Writes what is due until stopped, and then all that is left.
    pub(crate) async fn run(self: Arc<Self>, database: Arc<Database>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(WAIT)).await.is_some() {
            let now = database.clock.now();
            self.write(&database, self.take_due(|noted| noted.is_due(now), now)).await;
        }
        let now = database.clock.now();
        let rest = self.take_due(|noted| noted.written.is_none_or(|written| noted.last > written), now);
        self.write(&database, rest).await;
    }

    /// The uses to write now, by tenant; from here on they count as written. What is idle is forgotten on the way.
    fn take_due(&self, due: impl Fn(Noted) -> bool, now: Timestamp) -> Vec<SecretUse> {
        let mut uses = Vec::new();
        let mut noted = self.noted();
        noted.retain(|_, noted| !noted.is_idle(now));
        for ((tenant, client, secret), noted) in noted.iter_mut().filter(|(_, noted)| due(**noted)) {
            noted.written = Some(noted.last);
            uses.push(SecretUse { tenant: *tenant, client: *client, secret: *secret, at: noted.last });
        }
        uses.sort_by_key(|used| (used.tenant, used.client, used.secret));
        uses
    }

    async fn write(&self, database: &Database, uses: Vec<SecretUse>) {
        for batch in uses.chunks(LARGEST_BATCH) {
            if let Err(error) = write(database, batch).await {
                // The next use of each is written a minute later; nobody waits for this one.
                tracing::warn!(%error, secrets = batch.len(), "uses of secrets were not written");
            }
        }
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<(TenantId, ClientUid, SecretId), Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(database: &Database, uses: &[SecretUse]) -> Result<(), Fault> {
    let transaction = database.begin().await?;
    for of_tenant in uses.chunk_by(|one, other| one.tenant == other.tenant) {
        Rows::new(&transaction, of_tenant[0].tenant).note(of_tenant).await?;
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use chancery_testkit::SeededRandom;

    use super::*;

    #[test]
    fn a_secret_is_written_soon_and_then_once_a_minute() {
        let (random, begin) = (SeededRandom::new(1), Timestamp::from_seconds(1_800_000_000));
        let uses = SecretUses::default();
        let (tenant, client) = (TenantId::generate(&random, begin), ClientUid::generate(&random, begin));
        let secret = SecretId::generate(&random, begin);
        let note = |at| uses.take(SecretUse { tenant, client, secret, at });
        let due = |now: Timestamp| uses.take_due(|noted| noted.is_due(now), now).len();
        let after = |seconds| begin + Duration::from_secs(seconds);

        note(begin);
        assert_eq!((due(after(1)), due(after(2))), (1, 0));
        note(after(3));
        assert_eq!((due(after(4)), due(after(59))), (0, 0));
        assert_eq!(due(after(60)), 1);
        assert_eq!(uses.noted().len(), 1);
        assert_eq!(due(after(200)), 0);
        assert_eq!(uses.noted().len(), 0, "what nobody uses is forgotten");
    }
}
