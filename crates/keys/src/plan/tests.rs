use std::time::Duration;

use chancery_domain::{
    id::{KeyId, TenantId},
    key::Standing,
    key_policy::{AlgorithmRule, CronTable, KeyPolicy, Margins, Rotation, Unsafety},
    profile::Profile,
    version::Version,
};
use chancery_testkit::SeededRandom;
use proptest::prelude::*;

use super::*;

const NOON: Timestamp = Timestamp::from_seconds(1_772_366_400);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const MIDDLE: u16 = u16::MAX / 2;

fn policy(algorithms: &[Algorithm]) -> KeyPolicy {
    KeyPolicy { algorithms: algorithms.to_vec(), ..KeyPolicy::of(Profile::Oauth21) }
}

fn rules(policy: KeyPolicy) -> Rules {
    let tenant = TenantId::generate(&SeededRandom::new(1), NOON);
    Rules { spread: MIDDLE, ..Rules::of(policy, Margins::STANDARD, tenant, NOON).expect("a policy") }
}

fn generated(id: KeyId, algorithm: Algorithm) -> Key {
    let public = PublicKey { id, algorithm, jwk: "{}".into(), thumbprint: None, seal: Vec::new() };
    Key::generated(public, Some(SealedPrivateKey(vec![1])), Origin::Made, NOON)
}

fn key(name: &str, algorithm: Algorithm, state: KeyState) -> Key {
    let (announced_at, activated_at) = match state {
        KeyState::Standby { announced_at } => (Some(announced_at), None),
        KeyState::Active { announced_at, activated_at } => (Some(announced_at), Some(activated_at)),
        KeyState::Generated
        | KeyState::Retiring { .. }
        | KeyState::Retired { .. }
        | KeyState::Purged
        | KeyState::Tainted { .. }
        | KeyState::Compromised { .. } => (None, None),
    };
    let standing =
        Standing { state, announced_at, activated_at, retired_at: None, settled: true, version: Version::FIRST };
    generated(id(name), algorithm).standing(standing)
}

fn active(since: Timestamp) -> Key {
    key("active", Algorithm::Es256, KeyState::Active { announced_at: since, activated_at: since })
}

fn standby(since: Timestamp) -> Key {
    key("standby", Algorithm::Es256, KeyState::Standby { announced_at: since })
}

fn id(name: &str) -> KeyId {
    name.parse().expect("a key id")
}

fn rotated() -> Vec<KeyStep> {
    let (last, next) = (KeyStep::Deactivate(id("active")), KeyStep::Activate(id("standby")));
    vec![last, next, KeyStep::CreateStandby(Algorithm::Es256)]
}

#[test]
fn a_pair_is_kept_complete() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let cases = [
        (vec![], vec![KeyStep::CreateActive(Algorithm::Es256), KeyStep::CreateStandby(Algorithm::Es256)]),
        (vec![active(NOON)], vec![KeyStep::CreateStandby(Algorithm::Es256)]),
        // Nothing signs, so nothing waits.
        (vec![standby(NOON)], vec![KeyStep::Activate(id("standby")), KeyStep::CreateStandby(Algorithm::Es256)]),
        (vec![active(NOON), standby(NOON)], vec![]),
    ];
    for (keys, steps) in cases {
        let planned = plan(&keys, &rules, NOON);
        assert_eq!(planned.steps, steps);
        let after = after(&planned.steps, &keys, &rules, NOON);
        let settled = after.iter().all(Key::is_settled);
        let later = planned.due > NOON + rules.policy.announce;
        assert_eq!(later, settled, "looked at again at once, or when the new pair may rotate");
    }
}

#[test]
fn a_rotation_waits_for_the_period_and_for_the_announcement() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let due = rules.rotation_at(Algorithm::Es256, NOON, NOON);
    let keys = [active(NOON), standby(NOON)];
    assert_eq!(plan(&keys, &rules, NOON), Plan { steps: vec![], due });
    assert_eq!(plan(&keys, &rules, due - Duration::from_millis(1)).steps, vec![]);
    assert_eq!(plan(&keys, &rules, due).steps, rotated());

    let late = [active(NOON), standby(due - HOUR)];
    let from = due - HOUR + rules.policy.announce;
    assert_eq!(plan(&late, &rules, due), Plan { steps: vec![], due: from });
    assert_eq!(plan(&late, &rules, from).steps, rotated());
}

#[test]
fn rotations_of_tenants_spread_over_a_tenth_of_the_period() {
    let at = |spread| Rules { spread, ..rules(policy(&[Algorithm::Es256])) }.rotation_at(Algorithm::Es256, NOON, NOON);
    assert_eq!(at(0), NOON + 30 * DAY * 95 / 100);
    assert_eq!(at(u16::MAX), NOON + 30 * DAY * 105 / 100);
}

#[test]
fn a_time_table_is_kept_and_a_date_that_comes_too_early_is_left_out() {
    // The first of each month at three in the morning; noon is that of 1 March 2026.
    let table = CronTable { expression: "0 3 1 * *".into(), zone: "UTC".into() };
    let monthly = KeyPolicy { rotation: Rotation::At(table), jitter_percent: 0, ..policy(&[Algorithm::Es256]) };
    let rules = Rules { spread: MIDDLE, ..rules(monthly) };
    let april = Timestamp::from_seconds(1_775_012_400);
    assert_eq!(plan(&[active(NOON), standby(NOON)], &rules, NOON).due, april);
    let late = [active(NOON), standby(april - HOUR)];
    assert_eq!(plan(&late, &rules, april), Plan { steps: vec![], due: april + 30 * DAY });
    assert_eq!(plan(&late, &rules, april + 30 * DAY).steps, rotated());

    let spread = Rules { policy: KeyPolicy { jitter_percent: 5, ..rules.policy.clone() }, ..rules };
    assert_eq!(plan(&[active(NOON), standby(NOON)], &spread, NOON).due.since(april).as_secs(), 1799);
}

#[test]
fn a_time_table_that_comes_round_too_soon_is_refused() {
    let tenant = TenantId::generate(&SeededRandom::new(1), NOON);
    let at = |expression: &str| {
        let table = CronTable { expression: expression.into(), zone: "UTC".into() };
        let own = AlgorithmRule { rotation: Some(Rotation::At(table)), ..AlgorithmRule::new(Algorithm::Es256) };
        let policy = KeyPolicy { rules: vec![own], ..policy(&[Algorithm::Es256]) };
        Rules::checked(policy, Margins::STANDARD, tenant, NOON)
    };
    assert!(at("0 3 * * SUN").is_ok());
    let refused = at("0 3 * * SUN,MON").expect_err("refused");
    let dates = Unsafety::Dates { least: 51 * HOUR, found: DAY };
    assert_eq!((refused.rule, refused.what), (Some(Algorithm::Es256), dates));
}

#[test]
fn a_key_that_signs_no_more_goes_step_by_step() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let (retire_at, destroy) = (NOON + 10 * HOUR, rules.margins.destroy_after());
    let retiring = key("old", Algorithm::Es256, KeyState::Retiring { deactivated_at: NOON, retire_at });
    let retired = key("old", Algorithm::Es256, KeyState::Retired { deactivated_at: NOON });
    let tainted = key("old", Algorithm::Es256, KeyState::Tainted { deactivated_at: NOON, retire_at });
    let emptied = retiring.clone().destroy_private().expect("lawful");
    let retire = KeyStep::Retire(id("old"));
    let cases = [
        (&retiring, destroy, KeyStep::DestroyPrivate(id("old"))),
        (&emptied, 10 * HOUR, retire.clone()),
        // A worker that was away for long does both at once.
        (&retiring, 10 * HOUR, retire.clone()),
        (&tainted, 10 * HOUR, retire),
        (&retired, HINT_HORIZON, KeyStep::Purge(id("old"))),
    ];
    for (old, after, step) in cases {
        let keys = |at: Timestamp| [old.clone(), active(at), standby(at)];
        let at = NOON + after;
        assert_eq!(plan(&keys(at), &rules, at).steps, vec![step], "{:?}", old.state());
        let before = at - Duration::from_millis(1);
        let earlier = plan(&keys(before), &rules, before);
        let already = old.private.is_some() && after == 10 * HOUR && old.state().label() == "retiring";
        assert_eq!(earlier.steps.is_empty(), !already, "{:?}", old.state());
        assert_eq!(earlier.due, at, "{:?}", old.state());
    }
    for over in [KeyState::Purged, KeyState::Compromised { at: NOON }] {
        let keys = [key("old", Algorithm::Es256, over), active(NOON), standby(NOON)];
        assert_eq!(plan(&keys, &rules, NOON + 20 * DAY).steps, vec![]);
    }
}

#[test]
fn an_algorithm_that_is_new_is_announced_before_it_signs() {
    let rules = rules(policy(&[Algorithm::Es256, Algorithm::EdDsa]));
    let keys = [active(NOON), standby(NOON)];
    assert_eq!(plan(&keys, &rules, NOON).steps, vec![KeyStep::CreateStandby(Algorithm::EdDsa)]);
    let first = key("first", Algorithm::EdDsa, KeyState::Standby { announced_at: NOON });
    let keys = [active(NOON), standby(NOON), first];
    let from = NOON + rules.policy.announce;
    assert_eq!(plan(&keys, &rules, NOON), Plan { steps: vec![], due: from });
    let begins = vec![KeyStep::Activate(id("first")), KeyStep::CreateStandby(Algorithm::EdDsa)];
    assert_eq!(plan(&keys, &rules, from).steps, begins);
}

#[test]
fn the_keys_of_an_algorithm_that_is_given_up_stop_signing() {
    let keys = [
        active(NOON),
        standby(NOON),
        key("a", Algorithm::EdDsa, KeyState::Active { announced_at: NOON, activated_at: NOON }),
        key("s", Algorithm::EdDsa, KeyState::Standby { announced_at: NOON }),
    ];
    let planned = plan(&keys, &rules(policy(&[Algorithm::Es256])), NOON);
    assert_eq!(planned.steps, vec![KeyStep::Deactivate(id("a")), KeyStep::Withdraw(id("s"))]);
    assert_eq!(planned.due, NOON, "what never signed leaves at once");
}

#[test]
fn the_former_default_signs_until_the_new_one_is_known() {
    let change = KeyPolicy { interim: Some(Algorithm::Es256), ..policy(&[Algorithm::EdDsa]) };
    let rules = rules(change);
    let keys = vec![active(NOON), standby(NOON)];
    assert_eq!(rules.policy.signing_algorithms(&keys), [Algorithm::Es256]);
    let begins = plan(&keys, &rules, NOON).steps;
    assert_eq!(begins, vec![KeyStep::CreateStandby(Algorithm::EdDsa), KeyStep::Withdraw(id("standby"))]);

    let announced = after(&begins, &keys, &rules, NOON);
    let second_look = plan(&announced, &rules, NOON).steps;
    assert!(matches!(second_look[..], [KeyStep::Retire(_), KeyStep::Settle(_)]), "{second_look:?}");
    let announced = after(&second_look, &announced, &rules, NOON);
    let from = NOON + rules.policy.announce;
    let takes_over = plan(&announced, &rules, from).steps;
    assert!(takes_over.iter().any(|step| matches!(step, KeyStep::Activate(_))), "{takes_over:?}");
    let both = after(&takes_over, &announced, &rules, from);
    assert_eq!(rules.policy.signing_algorithms(&both), [Algorithm::EdDsa, Algorithm::Es256]);
    assert_eq!(plan(&both, &rules, from).steps[0], KeyStep::Deactivate(id("active")));
}

#[test]
fn what_was_committed_late_counts_from_when_that_is_seen() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let late = NOON + 40 * DAY;
    // Announced forty days ago by its own account: and yet it waits for the whole announcement.
    let first = key("standby", Algorithm::Es256, KeyState::Generated).announce(NOON).expect("lawful");
    let keys = [active(NOON - 40 * DAY), first];
    let planned = plan(&keys, &rules, late);
    assert_eq!(planned.steps, vec![KeyStep::Settle(id("standby"))]);
    let refused = rotation(&keys, &rules, None, false, late);
    assert_eq!(refused, Err(RotationRefused::NotYet { from: late + rules.policy.announce }));
    let settled = after(&planned.steps, &keys, &rules, late);
    assert_eq!(planned.due, late + rules.policy.announce);
    assert_eq!(plan(&settled, &rules, planned.due).steps, rotated());
}

#[test]
fn a_key_is_overdue_a_tenth_of_its_life_after_its_time() {
    let rules = rules(KeyPolicy { jitter_percent: 0, ..policy(&[Algorithm::Es256]) });
    assert_eq!(overdue_at(&[active(NOON), standby(NOON)], &rules), Some(NOON + 33 * DAY));
    assert_eq!(overdue_at(&[active(NOON)], &rules), None);
}

fn alarm(severity: Severity, target: Target) -> Alarm {
    Alarm { severity, target, unannounced: false }
}

#[test]
fn a_compromised_key_gives_way_to_the_standby_key_at_once() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let keys = [active(NOON), standby(NOON)];
    let ask = |severity, name: &str| emergency(&keys, &rules, &alarm(severity, Target::Key(id(name))), NOON + HOUR);
    let takes_over = [KeyStep::Activate(id("standby")), KeyStep::CreateStandby(Algorithm::Es256)];
    let compromised = ask(Severity::Compromised, "active").expect("steps");
    assert_eq!(compromised[..1], [KeyStep::Compromise(id("active"))]);
    assert_eq!(compromised[1..], takes_over);
    let tainted = ask(Severity::Tainted, "active").expect("steps");
    assert_eq!(tainted[..1], [KeyStep::Taint(id("active"))]);
    assert_eq!(tainted[1..], takes_over);
    let waiting = ask(Severity::Compromised, "standby").expect("steps");
    assert_eq!(waiting, [KeyStep::Compromise(id("standby")), KeyStep::CreateStandby(Algorithm::Es256)]);
    assert_eq!(ask(Severity::Compromised, "other"), Err(AlarmRefused::NotFound));
    let gone = [key("old", Algorithm::Es256, KeyState::Compromised { at: NOON }), active(NOON), standby(NOON)];
    let again = emergency(&gone, &rules, &alarm(Severity::Compromised, Target::Key(id("old"))), NOON);
    assert_eq!(again, Err(AlarmRefused::TooLate { state: "compromised" }));
}

#[test]
fn the_last_key_goes_only_for_one_that_nobody_knows_yet() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let alone = [active(NOON)];
    let order = alarm(Severity::Compromised, Target::Key(id("active")));
    let refused = AlarmRefused::LastKey { algorithm: Algorithm::Es256 };
    assert_eq!(emergency(&alone, &rules, &order, NOON), Err(refused.clone()));
    let insisted = emergency(&alone, &rules, &Alarm { unannounced: true, ..order }, NOON).expect("steps");
    let made = [KeyStep::CreateActive(Algorithm::Es256), KeyStep::CreateStandby(Algorithm::Es256)];
    assert_eq!(insisted[1..], made);

    // The same where the standby key is to go too.
    let all = |with_standby| {
        let target = Target::Signed { algorithm: None, made_before: NOON + HOUR, with_standby };
        emergency(&[active(NOON), standby(NOON)], &rules, &alarm(Severity::Compromised, target), NOON + HOUR)
    };
    assert_eq!(all(true), Err(refused));
    assert_eq!(all(false).expect("steps")[0], KeyStep::Compromise(id("active")));
}

#[test]
fn an_order_about_many_keys_can_be_repeated() {
    let rules = rules(policy(&[Algorithm::Es256, Algorithm::EdDsa]));
    let other = key("ed", Algorithm::EdDsa, KeyState::Active { announced_at: NOON, activated_at: NOON });
    let keys = vec![active(NOON), standby(NOON), other];
    let target = Target::Signed { algorithm: Some(Algorithm::Es256), made_before: NOON + HOUR, with_standby: false };
    let order = alarm(Severity::Compromised, target);
    let later = NOON + 2 * HOUR;
    let steps = emergency(&keys, &rules, &order, later).expect("steps");
    let done = after(&steps, &keys, &rules, later);
    assert_eq!(done.iter().filter(|key| key.state().label() == "compromised").count(), 1);
    assert!(done.iter().any(|key| key.id == id("standby") && key.is_active()), "it took over");
    assert_eq!(emergency(&done, &rules, &order, later), Ok(Vec::new()));
}

#[test]
fn an_operator_waits_for_the_announcement_or_insists() {
    let rules = rules(policy(&[Algorithm::Es256]));
    let keys = [active(NOON), standby(NOON)];
    let from = NOON + rules.policy.announce;
    let ask = |algorithm, immediate, now| rotation(&keys, &rules, algorithm, immediate, now);
    assert_eq!(ask(None, false, NOON), Err(RotationRefused::NotYet { from }));
    assert_eq!(ask(None, false, from), Ok(rotated()));
    assert_eq!(ask(Some(Algorithm::Es256), true, NOON), Ok(rotated()));
    assert_eq!(ask(Some(Algorithm::Rs256), true, NOON), Err(RotationRefused::NoSuchAlgorithm));

    let alone = [active(NOON)];
    let refused = RotationRefused::NotYet { from: from + HOUR };
    assert_eq!(rotation(&alone, &rules, None, false, NOON + HOUR), Err(refused));
    let steps = vec![
        KeyStep::Deactivate(id("active")),
        KeyStep::CreateActive(Algorithm::Es256),
        KeyStep::CreateStandby(Algorithm::Es256),
    ];
    assert_eq!(rotation(&alone, &rules, None, true, NOON), Ok(steps));
}

/// A tenant whose keys move as the plan says.
struct Life {
    keys: Vec<Key>,
    rules: Rules,
    random: SeededRandom,
    now: Timestamp,
    due: Timestamp,
}

impl Life {
    fn new(rules: Rules) -> Self {
        let mut life = Self { keys: Vec::new(), rules, random: SeededRandom::new(1), now: NOON, due: NOON };
        life.tick();
        life
    }

    fn tick(&mut self) {
        // One step may open the way to the next: a worker that was away for long plans more than once.
        while self.due <= self.now {
            let planned = plan(&self.keys, &self.rules, self.now);
            for step in &planned.steps {
                self.guard(step);
            }
            self.take(&planned.steps);
            self.due = planned.due;
        }
        self.check();
    }

    /// What must be true of a step that the clock takes.
    fn guard(&self, step: &KeyStep) {
        let key = |id: &KeyId| self.keys.iter().find(|key| key.id == *id).expect("a key");
        let since = |id: &KeyId| key(id).state().deactivated_at().expect("deactivated");
        let Rules { policy, margins, .. } = &self.rules;
        match step {
            KeyStep::Activate(id) => {
                let announced = key(id).announced_at().expect("announced");
                assert!(self.now >= announced + policy.announce, "signs before every verifier knows it");
            }
            KeyStep::Deactivate(id) => {
                let signed = self.now.since(key(id).activated_at().expect("active"));
                let Rotation::Every(period) = policy.rotation else { panic!("a policy of periods") };
                assert!(signed >= period * 19 / 20, "rotated too early");
            }
            KeyStep::Retire(id) => {
                let over = since(id) + margins.signing_view_age + policy.token_life + 2 * margins.skew;
                assert!(self.now >= over, "leaves the set while its tokens live");
            }
            KeyStep::DestroyPrivate(id) => assert!(self.now >= since(id) + margins.destroy_after()),
            KeyStep::Purge(id) => assert!(self.now >= since(id) + HINT_HORIZON),
            KeyStep::CreateActive(_) => assert_eq!(self.now, NOON, "only a new tenant makes a key that signs at once"),
            KeyStep::CreateStandby(_) | KeyStep::Settle(_) => {}
            KeyStep::Withdraw(_)
            | KeyStep::ImportStandby(..)
            | KeyStep::ImportVerifier(..)
            | KeyStep::Taint(_)
            | KeyStep::Compromise(_) => panic!("nobody asked for this: {step:?}"),
        }
    }

    fn take(&mut self, steps: &[KeyStep]) {
        let founding = self.keys.is_empty();
        for step in steps {
            match (step.moves(), step.makes()) {
                (Some(id), _) => {
                    let place = self.keys.iter().position(|key| key.id == *id).expect("a key");
                    self.keys[place] =
                        step.taken(self.keys[place].clone(), &self.rules, self.now).expect("a lawful step");
                }
                (None, Some(algorithm)) => {
                    let key = generated(KeyId::generate(&self.random), algorithm);
                    let key = step.taken(key, &self.rules, self.now).expect("a lawful step");
                    self.keys.push(if founding { key.known() } else { key });
                }
                (None, None) => panic!("a step moves a key or makes one"),
            }
        }
    }

    /// What must be true at every moment.
    fn check(&self) {
        for algorithm in &self.rules.policy.algorithms {
            let count = |label| {
                self.keys.iter().filter(|key| key.algorithm == *algorithm && key.state().label() == label).count()
            };
            assert_eq!((count("active"), count("standby")), (1, 1));
            let published = self.keys.iter().filter(|key| key.algorithm == *algorithm && key.state().is_published());
            assert!(published.count() <= 4, "T is at least P + Q, give or take 5 %");
        }
        assert!(self.now < self.due, "every step due was taken");
        let before = plan(&self.keys, &self.rules, self.due - Duration::from_millis(1));
        assert_eq!(before.steps, vec![], "nothing is due before it is said to be");
        assert!(!plan(&self.keys, &self.rules, self.due).steps.is_empty(), "and then something is");
    }
}

/// Policies at the edge of what is safe, and beyond it by the spread.
fn hasty() -> impl Strategy<Value = Rules> {
    let hours = (1_u32..200, prop_oneof![1_u32..4, 1_u32..200], prop_oneof![Just(0), 0_u32..50]);
    (hours, any::<u16>()).prop_map(|((announce, retain, more), spread)| {
        let margins = if retain > 24 { Margins::STANDARD } else { Margins::NONE };
        let policy = KeyPolicy {
            announce: announce * HOUR,
            retain: retain * HOUR,
            token_life: HOUR * retain.min(24),
            rotation: Rotation::Every((announce + retain + more) * HOUR),
            ..policy(&[Algorithm::Es256, Algorithm::Rs256])
        };
        Rules { margins, spread, ..rules(policy) }
    })
}

proptest! {
    #[test]
    fn a_life_in_random_steps_breaks_no_verifier(
        rules in hasty(),
        ticks in proptest::collection::vec((any::<bool>(), 1_u32..400), 1..80),
    ) {
        let mut life = Life::new(rules);
        for (on_time, hours) in ticks {
            // A worker comes on time, or whenever it is up again.
            life.now = if on_time { life.due } else { life.now + hours * HOUR };
            life.tick();
        }
    }

    #[test]
    fn an_operator_who_rotates_at_random_breaks_no_verifier(minutes in proptest::collection::vec(1_u64..4000, 1..60)) {
        let mut life = Life::new(rules(policy(&[Algorithm::Es256])));
        for minutes in minutes {
            life.now = life.now + Duration::from_secs(minutes * 60);
            life.tick();
            match rotation(&life.keys, &life.rules, None, false, life.now) {
                Ok(steps) => {
                    life.due = due_after(&steps, &life.keys, &life.rules, life.now);
                    life.take(&steps);
                }
                Err(RotationRefused::NotYet { from }) => prop_assert!(from > life.now),
                Err(RotationRefused::NoSuchAlgorithm) => prop_assert!(false, "all were asked for"),
            }
            let active = life.keys.iter().find(|key| key.is_active()).expect("active");
            let (announced, signs) = (active.announced_at().expect("known"), active.activated_at().expect("signs"));
            let known = signs >= announced + life.rules.policy.announce;
            prop_assert!(known || signs == NOON, "signs before every verifier knows it");
        }
    }
}
