//! Uses of clients and of their secrets, gathered in memory and written a few at a time, so that no request waits for it.
//!
//! A first use is written within seconds, later ones at most once a minute for each secret and once an hour for each client.
//! What a process that is killed had not written is lost: it tells operators which secret can go, and which client nobody
//! used for weeks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chancery_domain::{
    client::{ClientUse, SecretUse},
    fault::Fault,
    id::{ClientUid, SecretId, TenantId},
    ports::{client_secrets::SecretUses, client_uses::ClientUses},
    time::Timestamp,
};
use tokio_util::sync::CancellationToken;

use crate::{database::Database, rows::Rows};

/// How long a use waits for company at least.
const WAIT: Duration = Duration::from_secs(2);
/// How seldom one secret is written.
const REST: Duration = Duration::from_secs(60);
/// How seldom one client is written.
const REST_OF_CLIENT: Duration = Duration::from_secs(3600);
/// How many are remembered; of others nothing is noted while there is no room.
const MOST: usize = 65_536;
/// How many are written in one transaction.
const LARGEST_BATCH: usize = 256;

/// What was used lately.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<Used, Noted>>);

/// A secret of a client, or the client itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Used {
    tenant: TenantId,
    client: ClientUid,
    secret: Option<SecretId>,
}

impl Used {
    /// How long its last use is kept back after one was written.
    const fn rest(self) -> Duration {
        match self.secret {
            Some(_) => REST,
            None => REST_OF_CLIENT,
        }
    }
}

/// The uses of one of them.
#[derive(Clone, Copy)]
struct Noted {
    last: Timestamp,
    written: Option<Timestamp>,
}

impl Noted {
    /// Whether the last use is not written down.
    fn is_open(self) -> bool {
        self.written.is_none_or(|written| self.last > written)
    }

    /// Whether it is time to write the last use down.
    fn is_due(self, now: Timestamp, rest: Duration) -> bool {
        self.is_open() && self.written.is_none_or(|written| now >= written + rest)
    }

    /// Whether nothing is left to write, and nothing was used for so long that it need not be remembered.
    fn is_idle(self, now: Timestamp, rest: Duration) -> bool {
        self.written.is_some_and(|written| self.last <= written && now >= written + rest)
    }
}

impl Uses {
    /// Notes that a secret was used.
    pub(crate) fn take_secret(&self, used: SecretUse) {
        self.take(Used { tenant: used.tenant, client: used.client, secret: Some(used.secret) }, used.at);
    }

    /// Notes that a client was used.
    pub(crate) fn take_client(&self, used: ClientUse) {
        self.take(Used { tenant: used.tenant, client: used.client, secret: None }, used.at);
    }

    fn take(&self, used: Used, at: Timestamp) {
        let mut noted = self.noted();
        let full = noted.len() >= MOST;
        match noted.get_mut(&used) {
            Some(there) => there.last = there.last.max(at),
            None if full => {}
            None => drop(noted.insert(used, Noted { last: at, written: None })),
        }
    }

    /// Writes what is due until stopped, and then all that is left.
    pub(crate) async fn run(self: Arc<Self>, database: Arc<Database>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(WAIT)).await.is_some() {
            let now = database.clock.now();
            self.write(&database, self.take_due(|used, noted| noted.is_due(now, used.rest()), now)).await;
        }
        let rest = self.take_due(|_, noted| noted.is_open(), database.clock.now());
        self.write(&database, rest).await;
    }

    /// The uses to write now, by tenant; from here on they count as written. What is idle is forgotten on the way.
    fn take_due(&self, due: impl Fn(Used, Noted) -> bool, now: Timestamp) -> Vec<(Used, Timestamp)> {
        let mut uses = Vec::new();
        let mut noted = self.noted();
        noted.retain(|used, noted| !noted.is_idle(now, used.rest()));
        for (used, noted) in noted.iter_mut().filter(|(used, noted)| due(**used, **noted)) {
            noted.written = Some(noted.last);
            uses.push((*used, noted.last));
        }
        uses.sort_unstable();
        uses
    }

    async fn write(&self, database: &Database, uses: Vec<(Used, Timestamp)>) {
        for batch in uses.chunks(LARGEST_BATCH) {
            if let Err(error) = write(database, batch).await {
                // The next use of each is written a while later; nobody waits for this one.
                tracing::warn!(%error, uses = batch.len(), "uses of clients were not written");
            }
        }
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<Used, Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(database: &Database, uses: &[(Used, Timestamp)]) -> Result<(), Fault> {
    let transaction = database.begin().await?;
    for of_tenant in uses.chunk_by(|(one, _), (other, _)| one.tenant == other.tenant) {
        let rows = Rows::new(&transaction, of_tenant[0].0.tenant);
        let (mut secrets, mut clients) = (Vec::new(), Vec::new());
        for (Used { tenant, client, secret }, at) in of_tenant.iter().copied() {
            match secret {
                Some(secret) => secrets.push(SecretUse { tenant, client, secret, at }),
                None => clients.push(ClientUse { tenant, client, at }),
            }
        }
        SecretUses::note(&rows, &secrets).await?;
        ClientUses::note_clients(&rows, &clients).await?;
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
        let uses = Uses::default();
        let (tenant, client) = (TenantId::generate(&random, begin), ClientUid::generate(&random, begin));
        let secret = SecretId::generate(&random, begin);
        let note = |at| uses.take_secret(SecretUse { tenant, client, secret, at });
        let due = |now: Timestamp| uses.take_due(|used, noted| noted.is_due(now, used.rest()), now).len();
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

    #[test]
    fn a_client_is_written_soon_and_then_once_an_hour() {
        let (random, begin) = (SeededRandom::new(1), Timestamp::from_seconds(1_800_000_000));
        let uses = Uses::default();
        let (tenant, client) = (TenantId::generate(&random, begin), ClientUid::generate(&random, begin));
        let note = |at| uses.take_client(ClientUse { tenant, client, at });
        let due = |now: Timestamp| uses.take_due(|used, noted| noted.is_due(now, used.rest()), now).len();
        let after = |seconds| begin + Duration::from_secs(seconds);

        note(begin);
        assert_eq!(due(after(1)), 1);
        note(after(70));
        assert_eq!((due(after(71)), due(after(3599)), due(after(3600))), (0, 0, 1));
    }
}
