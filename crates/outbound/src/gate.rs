//! Turns: how many calls run and wait at once, of one tenant, to one place, and over all.

use std::hash::Hash;

use chancery_domain::{id::TenantId, ports::outbound::OutboundError};
use tokio::sync::OwnedSemaphorePermit;

use crate::turns::Turns;

/// How many calls of one tenant to one place run at once, and how many there may be, running and waiting.
const OF_ONE_TENANT_TO_ONE_PLACE: (usize, usize) = (4, 16);
/// The same of one tenant, wherever to.
const OF_ONE_TENANT: (usize, usize) = (16, 64);
/// The same to one place, whoever has them made.
const TO_ONE_PLACE: (usize, usize) = (8, 128);
/// The same of all.
const OF_ALL: (usize, usize) = (64, 512);

/// The gate that every call goes through. A place that is slow fills its own turns, a tenant with many of them fills its
/// own, and neither takes what others could use.
pub(crate) struct Gate {
    /// Of one tenant to one place.
    paths: Queues<(TenantId, String)>,
    tenants: Queues<TenantId>,
    places: Queues<String>,
    all: Queues<()>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _turns: [OwnedSemaphorePermit; 4],
    _seats: [OwnedSemaphorePermit; 4],
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            paths: Queues::new(OF_ONE_TENANT_TO_ONE_PLACE),
            tenants: Queues::new(OF_ONE_TENANT),
            places: Queues::new(TO_ONE_PLACE),
            all: Queues::new(OF_ALL),
        }
    }
}

impl Gate {
    /// Waits for a turn of that tenant at that place. Where too many wait already, there is none.
    pub(crate) async fn enter(&self, tenant: TenantId, place: &str) -> Result<Turn, OutboundError> {
        let path = (tenant, place.to_owned());
        let (paths, tenants, places, all) = (&self.paths, &self.tenants, &self.places, &self.all);
        // From the narrowest queue to the widest, seats and turns alike: whom a narrow one turns away has taken nothing in
        // a wide one, and who waits in one holds only what is narrower.
        let seats = [paths.sit(&path)?, tenants.sit(&tenant)?, places.sit(&path.1)?, all.sit(&())?];
        let turns =
            [paths.wait(&path).await?, tenants.wait(&tenant).await?, places.wait(&path.1).await?, all.wait(&()).await?];
        Ok(Turn { _turns: turns, _seats: seats })
    }
}

/// Queues of the same length.
struct Queues<K> {
    seats: Turns<K>,
    turns: Turns<K>,
}

impl<K: Clone + Eq + Hash> Queues<K> {
    fn new((running, at_all): (usize, usize)) -> Self {
        Self { seats: Turns::new(at_all), turns: Turns::new(running) }
    }

    fn sit(&self, whose: &K) -> Result<OwnedSemaphorePermit, OutboundError> {
        self.seats.take(whose).ok_or(OutboundError::TooSlow)
    }

    async fn wait(&self, whose: &K) -> Result<OwnedSemaphorePermit, OutboundError> {
        self.turns.wait(whose).await.ok_or(OutboundError::TooSlow)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use chancery_testkit::SeededRandom;
    use tokio::{
        task::{JoinHandle, yield_now},
        time::timeout,
    };

    use super::*;

    const SLOW: &str = "slow.example:443";

    fn tenant(seed: u64) -> TenantId {
        TenantId::generate(&SeededRandom::new(seed), chancery_domain::time::Timestamp::from_seconds(1_700_000_000))
    }

    /// So many who come and stay, with a turn or waiting for one, until their tasks are aborted.
    async fn crowd(
        gate: &Arc<Gate>,
        tenant: TenantId,
        many: usize,
        place: impl Fn(usize) -> String,
    ) -> Vec<JoinHandle<()>> {
        let come = |number| {
            let (gate, place) = (Arc::clone(gate), place(number));
            tokio::spawn(async move {
                let _turn = gate.enter(tenant, &place).await.expect("a seat");
                std::future::pending::<()>().await;
            })
        };
        let crowd = (0..many).map(come).collect();
        // Time for each of them to come as far as it can.
        for _ in 0..many {
            yield_now().await;
        }
        crowd
    }

    #[tokio::test]
    async fn a_slow_place_fills_its_own_turns_alone() {
        let gate = Gate::default();
        let mut slow = Vec::new();
        for _ in 0..OF_ONE_TENANT_TO_ONE_PLACE.0 {
            slow.push(gate.enter(tenant(1), SLOW).await.expect("a turn"));
        }
        let waits = timeout(Duration::from_millis(20), gate.enter(tenant(1), SLOW));
        assert!(waits.await.is_err(), "the place is full");
        gate.enter(tenant(1), "other.example:443").await.expect("a turn elsewhere");
        gate.enter(tenant(2), SLOW).await.expect("a turn of another tenant");
        slow.pop();
        gate.enter(tenant(1), SLOW).await.expect("a turn that came free");
    }

    #[tokio::test]
    async fn t299_whoever_waits_for_a_slow_place_leaves_everybody_their_seats() {
        let gate = Arc::new(Gate::default());
        let crowd = crowd(&gate, tenant(1), OF_ONE_TENANT_TO_ONE_PLACE.1, |_| SLOW.to_owned()).await;
        for _ in 0..2 * OF_ALL.1 {
            assert_eq!(gate.enter(tenant(1), SLOW).await.expect_err("full"), OutboundError::TooSlow);
        }
        gate.enter(tenant(1), "other.example:443").await.expect("a turn elsewhere");
        gate.enter(tenant(2), SLOW).await.expect("a turn of another tenant");
        crowd.iter().for_each(JoinHandle::abort);
    }

    #[tokio::test]
    async fn t177_a_tenant_with_many_slow_places_fills_its_own_turns_alone() {
        let gate = Arc::new(Gate::default());
        let crowd = crowd(&gate, tenant(1), OF_ONE_TENANT.1, |number| format!("{number}.slow.example:443")).await;
        for number in 0..OF_ALL.1 {
            let place = format!("more-{number}.slow.example:443");
            assert_eq!(gate.enter(tenant(1), &place).await.expect_err("full"), OutboundError::TooSlow);
        }
        let mut others = Vec::new();
        for number in 0..OF_ONE_TENANT.0 {
            others.push(gate.enter(tenant(2), &format!("{number}.slow.example:443")).await.expect("a turn"));
        }
        crowd.iter().for_each(JoinHandle::abort);
    }

    #[tokio::test]
    async fn too_many_calls_are_turned_away_at_once() {
        let gate = Gate::default();
        let all: Vec<_> = (0..OF_ALL.1).map(|_| gate.all.sit(&()).expect("a seat")).collect();
        assert_eq!(gate.enter(tenant(1), "a.example:443").await.expect_err("full"), OutboundError::TooSlow);
        drop(all);
        gate.enter(tenant(1), "a.example:443").await.expect("a turn");
    }
}
