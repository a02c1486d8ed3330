//! Throttling: guessing gets slower with every failure, by account and by source address.
//!
//! - An attempt is counted before its proof is looked at and taken off again when it was right, so that parallel
//!   guesses cannot outrun the counter.
//! - One counter for each account, whichever of its names was typed. Unknown names are counted alike.
//! - A source that has signed in to an account before has a counter of its own there, so that nobody can lock
//!   somebody out by guessing from elsewhere.
//! - Programs are slowed down as well ([`Guess`]): a client and a source address together have a counter, so that somebody
//!   who guesses a client's secret never keeps the client itself out.
//! - What nobody guesses at is counted all the same where anybody may have it done: registrations, and requests that are
//!   pushed for clients which prove nothing.
//! - Counters live in the memory of one process, bounded; they begin anew with it, and every replica has its own.

mod clients;
mod codes;
mod ledger;
mod limits;
mod pushes;
mod registrations;
mod windows;

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chancery_domain::{
    id::{TenantId, UserId},
    secret::Digest,
    time::Timestamp,
};

pub use self::clients::Guess;
use self::ledger::{Key, Ledger, Who};
pub use self::{
    codes::CodeAttempt,
    limits::{Limit, Limits},
};

/// Counts failures and says how long to wait.
#[derive(Debug)]
pub struct Throttle {
    limits: Limits,
    ledger: Mutex<Ledger>,
    registrations: Mutex<registrations::Hours>,
    told_misses: Mutex<registrations::Hours>,
    pushes: Mutex<pushes::Lives>,
}

/// Whose proof is being guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account([u8; 32]);

impl Account {
    /// The account of a user, by whatever name they were called.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        Self(*Digest::of("throttle-user", user.uuid().as_bytes()).bytes())
    }

    /// What was typed, where it is no user's name: as they would have typed it in lower case, without space around it.
    #[must_use]
    pub fn named(typed: &str) -> Self {
        Self(*Digest::of("throttle-name", typed.trim().to_lowercase().as_bytes()).bytes())
    }
}

/// Too soon after the last failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {} s", .retry_after.as_secs())]
pub struct TooMany {
    /// How long to wait.
    pub retry_after: Duration,
}

impl Throttle {
    /// A throttle that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            ledger: Mutex::new(Ledger::new(limits.most_counters)),
            registrations: Mutex::new(registrations::hours()),
            told_misses: Mutex::new(registrations::hours()),
            pushes: Mutex::new(pushes::lives()),
            limits,
        }
    }

    /// Begins an attempt, or refuses it. It counts as failed until [`Attempt::succeeded`] or [`Attempt::withdrawn`].
    pub fn begin(
        &self,
        tenant: TenantId,
        account: Account,
        source: IpAddr,
        now: Timestamp,
    ) -> Result<Attempt<'_>, TooMany> {
        let source = network(source);
        let known = Key { tenant, who: Who::Known(account, source) };
        let by_source = Key { tenant, who: Who::Source(source) };
        let mut ledger = self.ledger();
        let by_account = if ledger.is_known(&known, now) { known } else { Key { tenant, who: Who::Account(account) } };
        let wait = ledger.wait(&by_account, now).max(ledger.wait(&by_source, now));
        if !wait.is_zero() {
            return Err(TooMany { retry_after: wait });
        }
        ledger.count(by_account, &self.limits.account, now);
        ledger.count(by_source, &self.limits.source, now);
        Ok(Attempt { throttle: self, known, by_account, by_source })
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        unpoisoned(&self.ledger)
    }
}

/// A panic elsewhere leaves the counters usable: each change is one assignment.
fn unpoisoned<T>(counters: &Mutex<T>) -> MutexGuard<'_, T> {
    counters.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An attempt that was let through. Forgotten, it has failed: hanging up does not help a guesser.
#[derive(Debug)]
#[must_use = "an attempt of which nothing is said has failed"]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    known: Key,
    by_account: Key,
    by_source: Key,
}

impl Attempt<'_> {
    /// It was right: the account's failures are forgotten and the source is known there from now on.
    pub fn succeeded(self, now: Timestamp) {
        let mut ledger = self.throttle.ledger();
        ledger.forget(&self.by_account);
        ledger.take_back(&self.by_source, &self.throttle.limits.source);
        ledger.know(self.known, now);
    }

    /// Nobody looked at it, which was our fault: it does not count.
    pub fn withdrawn(self) {
        let mut ledger = self.throttle.ledger();
        ledger.take_back(&self.by_account, &self.throttle.limits.account);
        ledger.take_back(&self.by_source, &self.throttle.limits.source);
    }

    /// It was wrong.
    pub fn failed(self) {}
}

/// The address that counts: of IPv6 the first 64 bits, for the rest of it is the caller's to choose.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::time::Clock;
    use chancery_testkit::{FakeClock, SeededRandom};

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    struct Scene {
        clock: FakeClock,
        throttle: Throttle,
        tenant: TenantId,
    }

    impl Scene {
        fn new() -> Self {
            let clock = FakeClock::new();
            let tenant = TenantId::generate(&SeededRandom::new(1), clock.now());
            Self { throttle: Throttle::new(Limits::strict()), clock, tenant }
        }

        fn begin(&self, name: &str, source: IpAddr) -> Result<Attempt<'_>, TooMany> {
            self.throttle.begin(self.tenant, Account::named(name), source, self.clock.now())
        }

        /// Fails as often as it is let.
        fn exhaust(&self, name: &str, source: IpAddr) -> u32 {
            std::iter::repeat_with(|| self.begin(name, source))
                .take_while(Result::is_ok)
                .zip(1..)
                .last()
                .map_or(0, |l| l.1)
        }
    }

    #[test]
    fn from_the_fifth_failure_on_one_has_to_wait() {
        let scene = Scene::new();
        assert_eq!(scene.exhaust("ada", HERE), 5);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let wait = scene.begin("ada", HERE).expect_err("must wait").retry_after;
            waits.push(wait.as_secs());
            scene.clock.advance(wait);
            scene.begin("ada", HERE).expect("waited").failed();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn names_are_counted_as_one_however_they_are_written() {
        let scene = Scene::new();
        scene.exhaust("ada@example.com", HERE);
        assert!(scene.begin(" ADA@Example.com ", THERE).is_err());
        assert!(scene.begin("eve", THERE).is_ok());
    }

    #[test]
    fn success_forgets_the_failures() {
        let scene = Scene::new();
        for _ in 0..4 {
            scene.begin("ada", HERE).expect("free").failed();
        }
        scene.begin("ada", HERE).expect("free").succeeded(scene.clock.now());
        assert_eq!(scene.exhaust("ada", THERE), 5);
    }

    #[test]
    fn nobody_is_locked_out_by_guesses_from_elsewhere() {
        let scene = Scene::new();
        scene.begin("ada", HERE).expect("free").succeeded(scene.clock.now());
        scene.exhaust("ada", THERE);
        assert!(scene.begin("ada", THERE).is_err());
        scene.begin("ada", HERE).expect("known there").succeeded(scene.clock.now());
        assert!(scene.begin("ada", THERE).is_err(), "the owner's success is no help to the guesser");
        assert_eq!(scene.exhaust("ada", HERE), 5, "a known source has a counter too");
    }

    #[test]
    fn a_source_that_tries_many_accounts_is_slowed_down() {
        let scene = Scene::new();
        let tried = (0..100).take_while(|n| scene.begin(&format!("user{n}"), HERE).is_ok()).count();
        assert_eq!(tried, 30);
        assert!(scene.begin("ada", THERE).is_ok());
    }

    #[test]
    fn what_was_our_fault_does_not_count() {
        let scene = Scene::new();
        for _ in 0..100 {
            scene.begin("ada", HERE).expect("free").withdrawn();
        }
        assert_eq!(scene.exhaust("ada", HERE), 5);
    }

    #[test]
    fn tenants_are_apart() {
        let scene = Scene::new();
        scene.exhaust("ada", HERE);
        let other = TenantId::generate(&SeededRandom::new(2), scene.clock.now());
        assert!(scene.throttle.begin(other, Account::named("ada"), HERE, scene.clock.now()).is_ok());
    }

    #[test]
    fn a_day_of_quiet_is_forgiven() {
        let scene = Scene::new();
        scene.exhaust("ada", HERE);
        scene.clock.advance(Duration::from_secs(86_400));
        assert_eq!(scene.exhaust("ada", HERE), 5);
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(network(parse("2001:db8:1:2:3:4:5:6")), network(parse("2001:db8:1:2::1")));
        assert_ne!(network(parse("2001:db8:1:2::1")), network(parse("2001:db8:1:3::1")));
        assert_eq!(network(parse("::ffff:192.0.2.1")), HERE);
    }

    #[test]
    fn memory_is_bounded() {
        let limits = Limits { most_counters: 100, ..Limits::strict() };
        let (scene, throttle) = (Scene::new(), Throttle::new(limits));
        for n in 0..1000_u32 {
            let source = IpAddr::V4(std::net::Ipv4Addr::from_bits(n));
            throttle
                .begin(scene.tenant, Account::named(&n.to_string()), source, scene.clock.now())
                .expect("first of its kind")
                .failed();
            scene.clock.advance(Duration::from_millis(1));
        }
        assert!(throttle.ledger().len() <= 100);
    }
}
