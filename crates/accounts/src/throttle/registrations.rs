//! How many clients are registered from one place.
//!
//! Nothing is guessed here, so nobody is slowed down by what was wrong: every registration counts, and so many fit into
//! an hour that begins with the first of them.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use chancery_domain::{id::TenantId, time::Timestamp};

use super::{Throttle, TooMany, network};

const HOUR: Duration = Duration::from_secs(3600);

/// At most so many places are counted at a time; beyond, those go whose hour began first.
const MOST: usize = 10_000;

/// The hours that have begun.
#[derive(Debug, Default)]
pub(super) struct Hours(HashMap<(TenantId, IpAddr), (Timestamp, u32)>);

impl Hours {
    fn count(&mut self, place: (TenantId, IpAddr), most: u32, now: Timestamp) -> Result<(), TooMany> {
        if self.0.len() >= MOST && !self.0.contains_key(&place) {
            self.0.retain(|_, (began, _)| now < *began + HOUR);
            if self.0.len() >= MOST
                && let Some(first) = self.0.iter().min_by_key(|(_, (began, _))| *began).map(|(place, _)| *place)
            {
                self.0.remove(&first);
            }
        }
        let (began, count) = self.0.entry(place).or_insert((now, 0));
        if now >= *began + HOUR {
            (*began, *count) = (now, 0);
        }
        if *count >= most {
            return Err(TooMany { retry_after: (*began + HOUR).since(now) });
        }
        *count += 1;
        Ok(())
    }
}

impl Throttle {
    /// Counts a registration at that tenant from that source, or refuses it, of which `most` fit into an hour.
    pub fn registration(&self, tenant: TenantId, source: IpAddr, most: u32, now: Timestamp) -> Result<(), TooMany> {
        let mut hours = self.registrations.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        hours.count((tenant, network(source)), most, now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::{super::Limits, *};

    #[test]
    fn t245_so_many_registrations_fit_into_an_hour() {
        let (clock, throttle) = (FakeClock::new(), Throttle::new(Limits::strict()));
        let tenant = TenantId::generate(&SeededRandom::new(1), clock.now());
        let from = |last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
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
    fn t245_the_places_that_are_counted_are_bounded() {
        let (clock, throttle) = (FakeClock::new(), Throttle::new(Limits::strict()));
        let tenant = TenantId::generate(&SeededRandom::new(1), clock.now());
        for bits in 0..10_100_u32 {
            throttle.registration(tenant, IpAddr::V4(Ipv4Addr::from_bits(bits)), 1, clock.now()).expect("the first");
        }
        assert!(throttle.registrations.lock().expect("unpoisoned").0.len() <= MOST);
    }
}
