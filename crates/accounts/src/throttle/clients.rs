//! Guessing what proves a client.
//!
//! Other than with people, an attempt is counted once it was wrong: a client may well send many requests at the same time,
//! and has no trouble with any of them. A guesser gains as many guesses as they have connections, which is nothing against
//! a secret that no person chose.

use std::net::IpAddr;

use chancery_domain::{
    id::{ClientId, TenantId},
    secret::Digest,
    time::Timestamp,
};

use super::{Account, Key, Throttle, TooMany, Who, network};

/// Whose proof is tried from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess(Key);

impl Guess {
    /// A proof of that client, whether or not there is one, from that source.
    #[must_use]
    pub fn of(tenant: TenantId, client: &ClientId, source: IpAddr) -> Self {
        let client = Account(*Digest::of("throttle-client", client.as_str().as_bytes()).bytes());
        Self(Key { tenant, who: Who::Client(client, network(source)) })
    }
}

impl Throttle {
    /// Whether a proof is looked at now.
    pub fn client_may_try(&self, guess: Guess, now: Timestamp) -> Result<(), TooMany> {
        let wait = self.ledger().wait(&guess.0, now);
        if wait.is_zero() { Ok(()) } else { Err(TooMany { retry_after: wait }) }
    }

    /// It was wrong.
    pub fn client_failed(&self, guess: Guess, now: Timestamp) {
        self.ledger().count(guess.0, &self.limits.client, now);
    }

    /// It was right: what failed before is forgotten.
    pub fn client_proved(&self, guess: Guess) {
        self.ledger().forget(&guess.0);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::{super::Limits, *};

    #[test]
    fn t090_guessing_gets_slower_for_one_client_and_one_source_alone() {
        let (throttle, clock) = (Throttle::new(Limits::strict()), FakeClock::new());
        let tenant = TenantId::generate(&SeededRandom::new(1), clock.now());
        let of = |client: &str, last| {
            Guess::of(tenant, &client.parse().expect("an id"), IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
        };
        let guess = of("shop", 1);
        let let_through = std::iter::repeat_with(|| {
            let may = throttle.client_may_try(guess, clock.now());
            throttle.client_failed(guess, clock.now());
            may
        });
        assert_eq!(let_through.take_while(Result::is_ok).count(), 20);
        let wait = throttle.client_may_try(guess, clock.now()).expect_err("must wait").retry_after;
        assert!(wait.as_secs() >= 1, "{wait:?}");
        for other in [of("shop", 2), of("store", 1)] {
            throttle.client_may_try(other, clock.now()).expect("nobody guessed there");
        }
        clock.advance(wait);
        throttle.client_may_try(guess, clock.now()).expect("waited");
        throttle.client_proved(guess);
        throttle.client_failed(guess, clock.now());
        throttle.client_may_try(guess, clock.now()).expect("what failed before is forgotten");
    }
}
