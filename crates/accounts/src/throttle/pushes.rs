//! Requests that are pushed for clients which prove nothing: anybody can, in the name of any such client.

use std::net::IpAddr;

use chancery_domain::{
    id::{ClientUid, TenantId},
    pushed_request::PushedRequest,
    time::Timestamp,
};

use super::{Throttle, TooMany, network, unpoisoned, windows::Windows};

/// Whose requests are counted.
pub(super) type Lives = Windows<(TenantId, ClientUid, IpAddr)>;

pub(super) fn lives() -> Lives {
    Windows::of(PushedRequest::LIFE)
}

impl Throttle {
    /// Counts a request that is pushed from that source for a client that proves nothing, or refuses it. So many fit into
    /// the life of one that a source alone cannot take all that may wait for the client.
    pub fn unproven_push(
        &self,
        tenant: TenantId,
        client: ClientUid,
        source: IpAddr,
        now: Timestamp,
    ) -> Result<(), TooMany> {
        unpoisoned(&self.pushes).count((tenant, client, network(source)), self.limits.pushes, now)
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::{super::Limits, *};

    #[test]
    fn t150_a_source_pushes_a_part_of_what_may_wait() {
        let (clock, throttle, random) = (FakeClock::new(), Throttle::new(Limits::strict()), SeededRandom::new(1));
        let tenant = TenantId::generate(&random, clock.now());
        let (app, other) = (ClientUid::generate(&random, clock.now()), ClientUid::generate(&random, clock.now()));
        let push = |client, source: &str| {
            throttle.unproven_push(tenant, client, source.parse().expect("an address"), clock.now())
        };
        let taken = (0..PushedRequest::MOST_WAITING).take_while(|_| push(app, "192.0.2.1").is_ok()).count();
        assert!(taken >= 50 && taken <= PushedRequest::MOST_WAITING as usize / 10, "{taken}");
        assert_eq!(push(app, "192.0.2.1"), Err(TooMany { retry_after: PushedRequest::LIFE }));
        push(app, "192.0.2.2").expect("another source");
        push(other, "192.0.2.1").expect("another client");
        clock.advance(PushedRequest::LIFE);
        push(app, "192.0.2.1").expect("another window");
    }
}
