//! Clients that register themselves: how many registrations are written from one place, and tries at the tokens that manage
//! them.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{id::TenantId, time::Timestamp};

use super::{Key, Throttle, TooMany, Who, network, unpoisoned, windows::Windows};

/// Whose registrations are counted, and whose misses are told.
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

    /// It managed nothing.
    pub fn registration_missed(&self, tenant: TenantId, source: IpAddr, now: Timestamp) {
        self.ledger().count(tries(tenant, source), &self.limits.client, now);
    }

    /// Whether a miss is to be written down that is worth it: one in an hour for each source. A row for each would let
    /// anybody fill the audit.
    pub fn registration_miss_is_told(&self, tenant: TenantId, source: IpAddr, now: Timestamp) -> bool {
        unpoisoned(&self.told_misses).count((tenant, network(source)), 1, now).is_ok()
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
    fn t300_tries_at_registrations_get_slower() {
        let Scene { clock, throttle, tenant } = scene();
        let mut tried = 0;
        while throttle.registration_may_be_tried(tenant, from(1), clock.now()).is_ok() {
            throttle.registration_missed(tenant, from(1), clock.now());
            tried += 1;
        }
        assert_eq!(tried, 20);
        throttle.registration_may_be_tried(tenant, from(2), clock.now()).expect("nobody tried there");
        clock.advance(HOUR);
        throttle.registration_may_be_tried(tenant, from(1), clock.now()).expect("waited");
    }

    #[test]
    fn t300_one_miss_of_a_source_is_told_in_an_hour_however_slowly_they_come() {
        let Scene { clock, throttle, tenant } = scene();
        let mut told = Vec::new();
        for _ in 0..5 {
            throttle.registration_missed(tenant, from(1), clock.now());
            told.push(throttle.registration_miss_is_told(tenant, from(1), clock.now()));
            clock.advance(Duration::from_secs(59 * 60));
        }
        assert_eq!(told, [true, false, true, false, true]);
        assert!(throttle.registration_miss_is_told(tenant, from(2), clock.now()), "each source for itself");
    }
}
