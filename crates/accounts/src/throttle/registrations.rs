//! Clients that register themselves: how many registrations are written from one place, and tries at the tokens that manage
//! them.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{id::TenantId, time::Timestamp};

use super::{Key, Throttle, TooMany, Who, network, unpoisoned, windows::Windows};

/// Whose registrations are counted.
pub(super) type Hours = Windows<(TenantId, IpAddr)>;

pub(super) fn hours() -> Hours {
    Windows::of(Duration::from_secs(3600))
}

impl Throttle {
    /// Counts a registration at that tenant from that source, or refuses it, of which `most` fit into an hour. A change of
    /// one counts like a new one: it has us look at the same places.
    pub fn registration(&self, tenant: TenantId, source: IpAddr, most: u32, now: Timestamp) -> Result<(), TooMany> {
        unpoisoned(&self.registrations).count((tenant, network(source)), most, now)
    }

    /// Whether the token of a registration at that tenant is looked at now.
    pub fn registration_may_be_tried(&self, tenant: TenantId, source: IpAddr, now: Timestamp) -> Result<(), TooMany> {
        let wait = self.ledger().wait(&tries(tenant, source), now);
        if wait.is_zero() { Ok(()) } else { Err(TooMany { retry_after: wait }) }
    }

    /// It managed nothing. Says whether that was the first miss in a while, which is worth being written down: a row for
    /// each would let anybody fill the audit.
    pub fn registration_missed(&self, tenant: TenantId, source: IpAddr, now: Timestamp) -> bool {
        let (tries, mut ledger) = (tries(tenant, source), self.ledger());
        let is_first = ledger.failures(&tries, now) == 0;
        ledger.count(tries, &self.limits.client, now);
        is_first
    }
}

fn tries(tenant: TenantId, source: IpAddr) -> Key {
    Key { tenant, who: Who::RegistrationsFrom(network(source)) }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::{super::Limits, *};

    const HOUR: Duration = Duration::from_secs(3600);

    struct Scene {
        clock: FakeClock,
        throttle: Throttle,
        tenant: TenantId,
    }

    fn scene() -> Scene {
        let (clock, throttle) = (FakeClock::new(), Throttle::new(Limits::strict()));
        Scene { tenant: TenantId::generate(&SeededRandom::new(1), clock.now()), clock, throttle }
    }

    fn from(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn t245_so_many_registrations_fit_into_an_hour() {
        let Scene { clock, throttle, tenant } = scene();
        for _ in 0..3 {
            throttle.registration(tenant, from(1), 3, clock.now()).expect("room");
        }
        let refused = throttle.registration(tenant, from(1), 3, clock.now()).expect_err("one too many");
        assert_eq!(refused.retry_after, HOUR);
        assert!(throttle.registration(tenant, from(2), 3, clock.now()).is_ok(), "other places have their own count");
        clock.advance(HOUR);
        assert!(throttle.registration(tenant, from(1), 3, clock.now()).is_ok());
    }

    #[test]
    fn t300_tries_at_registrations_get_slower_and_the_first_alone_is_told() {
        let Scene { clock, throttle, tenant } = scene();
        let mut told = Vec::new();
        while throttle.registration_may_be_tried(tenant, from(1), clock.now()).is_ok() {
            told.push(throttle.registration_missed(tenant, from(1), clock.now()));
        }
        assert_eq!((told.len(), told.iter().filter(|told| **told).count(), told[0]), (20, 1, true));
        throttle.registration_may_be_tried(tenant, from(2), clock.now()).expect("nobody tried there");
        clock.advance(HOUR);
        throttle.registration_may_be_tried(tenant, from(1), clock.now()).expect("waited");
        assert!(throttle.registration_missed(tenant, from(1), clock.now()), "an hour of quiet is forgiven");
    }
}
