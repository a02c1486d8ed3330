//! Years of key rotation in minutes: three replicas, two workers, operators and verifiers in virtual time, and
//! everything that can go wrong between them. The rotation, the plan, the views and the JWK Sets are the real ones; time,
//! the network and the store are not.
//!
//! Every run prints its seed. `SIMULATION_SEED=… cargo test -p chancery-tests --test simulation` tells the same story
//! again.

mod deployment;
mod outages;
mod replica;
mod story;
mod verifier;

use story::{Outcome, Settings, Story};

/// A run that goes wrong nowhere unless we break something.
const HONEST: Settings =
    Settings { seed: 20_261_122, days: 730, tokens: 1_000_000, signed_one_in: 200, sabotage: None };

/// What is broken on purpose, to see that the simulation would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Standby keys are announced for two hours, whatever verifiers cache.
    ShortAnnouncement,
    /// Tokens live longer than their keys have promised.
    LongerThanPromised,
    /// Replicas give out JWK Sets of whatever age.
    ServingWithoutLimit,
    /// Replicas sign by views of whatever age.
    SigningWithoutLimit,
    /// The time of a key counts from when somebody looked at the clock, however long before the commit that was.
    NoSecondLook,
}

#[expect(clippy::disallowed_methods, reason = "a failing seed is replayed by naming it")]
fn seed() -> u64 {
    std::env::var("SIMULATION_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(HONEST.seed)
}

fn told(settings: Settings) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(Story::run(settings));
    println!("seed {}: {outcome}", settings.seed);
    outcome
}

#[test]
fn two_years_with_every_fault_break_no_verifier() {
    let outcome = told(Settings { seed: seed(), ..HONEST });
    assert!(outcome.failures.is_empty(), "seed {}: {:#?}", seed(), outcome.failures);
    assert!(outcome.tokens >= 1_000_000, "{}", outcome.tokens);
    assert!(outcome.rotations >= 200, "{}", outcome.rotations);
    assert!(outcome.verified > outcome.tokens, "{}", outcome.verified);
    assert!(outcome.signatures >= 4_000, "{}", outcome.signatures);
}

#[test]
fn breaking_any_formula_breaks_a_verifier() {
    for sabotage in [
        Sabotage::ShortAnnouncement,
        Sabotage::LongerThanPromised,
        Sabotage::ServingWithoutLimit,
        Sabotage::SigningWithoutLimit,
        Sabotage::NoSecondLook,
    ] {
        let settings = Settings { days: 365, tokens: 200_000, sabotage: Some(sabotage), ..HONEST };
        let outcome = told(settings);
        assert!(!outcome.failures.is_empty(), "{sabotage:?} went unnoticed");
    }
}

#[test]
fn a_seed_tells_its_story_again() {
    let settings = Settings { days: 60, tokens: 20_000, ..HONEST };
    assert_eq!(told(settings).to_string(), told(settings).to_string());
    let other = Settings { seed: 1, ..settings };
    assert_ne!(told(settings).to_string(), told(other).to_string());
}
