//! Guessing the codes of devices (RFC 8628 section 5.1): slowed down by source, and counted for each tenant as a whole.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{device::DeviceAuthorization, id::TenantId, time::Timestamp};

use super::{Key, Limit, Throttle, TooMany, Who, network};

/// What a tenant's misses are counted by. They delay nobody by themselves, and are forgotten once no code is left that
/// somebody guessed at.
const TENANT: Limit =
    Limit { from: u32::MAX, first: Duration::ZERO, longest: Duration::ZERO, forget: DeviceAuthorization::LIFE };

/// A typed code that was let through. Forgotten, it was a miss.
#[derive(Debug)]
#[must_use = "a typed code of which nothing is said was a miss"]
pub struct CodeAttempt<'a> {
    throttle: &'a Throttle,
    by_source: Key,
    by_tenant: Key,
}

impl Throttle {
    /// Begins to look for a code that somebody typed, or refuses it. It counts as a miss until [`CodeAttempt::forgiven`].
    pub fn begin_code(&self, tenant: TenantId, source: IpAddr, now: Timestamp) -> Result<CodeAttempt<'_>, TooMany> {
        let by_source = Key { tenant, who: Who::CodesFrom(network(source)) };
        let by_tenant = Key { tenant, who: Who::Codes };
        let mut ledger = self.ledger();
        let wait = ledger.wait(&by_source, now);
        if !wait.is_zero() {
            return Err(TooMany { retry_after: wait });
        }
        ledger.count(by_source, &self.limits.code, now);
        ledger.count(by_tenant, &TENANT, now);
        Ok(CodeAttempt { throttle: self, by_source, by_tenant })
    }

    /// How many codes were typed in vain at that tenant lately, those that are being looked for included.
    #[must_use]
    pub fn code_misses(&self, tenant: TenantId, now: Timestamp) -> u32 {
        self.ledger().failures(&Key { tenant, who: Who::Codes }, now)
    }
}

impl CodeAttempt<'_> {
    /// It was right, or no guess at all: it does not count.
    pub fn forgiven(self) {
        let mut ledger = self.throttle.ledger();
        ledger.take_back(&self.by_source, &self.throttle.limits.code);
        ledger.take_back(&self.by_tenant, &TENANT);
    }

    /// Nobody has such a code.
    pub fn missed(self) {}
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::{super::Limits, *};

    #[test]
    fn t222_after_five_misses_a_source_has_to_wait() {
        let (clock, throttle) = (FakeClock::new(), Throttle::new(Limits::strict()));
        let tenant = TenantId::generate(&SeededRandom::new(1), clock.now());
        let (here, there) = (Ipv4Addr::new(192, 0, 2, 1).into(), Ipv4Addr::new(192, 0, 2, 2).into());
        for _ in 0..4 {
            throttle.begin_code(tenant, here, clock.now()).expect("free").missed();
            throttle.begin_code(tenant, here, clock.now()).expect("free").forgiven();
        }
        throttle.begin_code(tenant, here, clock.now()).expect("free").missed();
        let refused = throttle.begin_code(tenant, here, clock.now()).expect_err("must wait");
        assert_eq!(refused.retry_after, Duration::from_secs(10));
        throttle.begin_code(tenant, there, clock.now()).expect("another source").missed();
        assert_eq!(throttle.code_misses(tenant, clock.now()), 6);
        clock.advance(DeviceAuthorization::LIFE);
        assert_eq!(throttle.code_misses(tenant, clock.now()), 0, "forgotten with the last code that was guessed at");
    }
}
