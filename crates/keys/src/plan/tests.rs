use std::time::Duration;

use chancery_domain::{id::KeyId, key::SealedPrivateKey, profile::Profile, random::Random, version::Version};
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

fn generated(algorithm: Algorithm, random: &dyn Random) -> Key {
    let private = SealedPrivateKey(vec![1]);
    Key::generated(KeyId::generate(random), algorithm, "{}".into(), Vec::new(), private, NOON)
}

fn key(name: &str, algorithm: Algorithm, state: KeyState) -> Key {
    let private = SealedPrivateKey(vec![1]);
    let id = name.parse().expect("a key id");
    Key::generated(id, algorithm, "{}".into(), Vec::new(), private, NOON).stored_as(state, Version::FIRST)
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
    let policy = policy(&[Algorithm::Es256]);
    let cases = [
        (vec![], vec![KeyStep::CreateActive(Algorithm::Es256), KeyStep::CreateStandby(Algorithm::Es256)]),
        (vec![active(NOON)], vec![KeyStep::CreateStandby(Algorithm::Es256)]),
        (vec![standby(NOON)], vec![KeyStep::Activate(id("standby")), KeyStep::CreateStandby(Algorithm::Es256)]),
        (vec![active(NOON), standby(NOON)], vec![]),
    ];
    for (keys, steps) in cases {
        let planned = plan(&keys, &policy, MIDDLE, NOON);
        assert_eq!(planned.steps, steps);
        assert!(planned.due > NOON + policy.announce, "looked at again when the new pair may rotate");
    }
}

#[test]
fn a_rotation_waits_for_the_period_and_for_the_announcement() {
    let policy = policy(&[Algorithm::Es256]);
    let due = policy.rotation_due(NOON, MIDDLE);
    let keys = [active(NOON), standby(NOON)];
    assert_eq!(plan(&keys, &policy, MIDDLE, NOON), Plan { steps: vec![], due });
    assert_eq!(plan(&keys, &policy, MIDDLE, due - Duration::from_millis(1)).steps, vec![]);
    assert_eq!(plan(&keys, &policy, MIDDLE, due).steps, rotated());

    let late = [active(NOON), standby(due - HOUR)];
    let from = due - HOUR + policy.announce;
    assert_eq!(plan(&late, &policy, MIDDLE, due), Plan { steps: vec![], due: from });
    assert_eq!(plan(&late, &policy, MIDDLE, from).steps, rotated());
}

#[test]
fn a_key_that_signs_no_more_goes_step_by_step() {
    let policy = policy(&[Algorithm::Es256]);
    let retiring = key("old", Algorithm::Es256, KeyState::Retiring { deactivated_at: NOON });
    let retired = key("old", Algorithm::Es256, KeyState::Retired { deactivated_at: NOON });
    let tainted = key("old", Algorithm::Es256, KeyState::Tainted { deactivated_at: NOON });
    let emptied = retiring.clone().destroy_private().expect("lawful");
    let (destroy, retire) = (KeyStep::DestroyPrivate(id("old")), KeyStep::Retire(id("old")));
    let cases = [
        (&retiring, policy.destroy_after(), destroy),
        (&emptied, policy.retain, retire.clone()),
        // A worker that was away for long does both at once.
        (&retiring, policy.retain, retire.clone()),
        (&tainted, policy.retain, retire),
        (&retired, HINT_HORIZON, KeyStep::Purge(id("old"))),
    ];
    for (old, after, step) in cases {
        let keys = |at: Timestamp| [old.clone(), active(at), standby(at)];
        let at = NOON + after;
        assert_eq!(plan(&keys(at), &policy, MIDDLE, at).steps, vec![step], "{:?}", old.state());
        let before = at - Duration::from_millis(1);
        let earlier = plan(&keys(before), &policy, MIDDLE, before);
        let already =
            old.private.is_some() && after == policy.retain && matches!(old.state(), KeyState::Retiring { .. });
        assert_eq!(earlier.steps.is_empty(), !already, "{:?}", old.state());
        assert_eq!(earlier.due, at, "{:?}", old.state());
    }
    for over in [KeyState::Purged, KeyState::Compromised { at: NOON }] {
        let keys = [key("old", Algorithm::Es256, over), active(NOON), standby(NOON)];
        assert_eq!(plan(&keys, &policy, MIDDLE, NOON + 20 * DAY).steps, vec![]);
    }
}

#[test]
fn the_keys_of_an_algorithm_that_is_given_up_stop_signing() {
    let keys = [
        active(NOON),
        standby(NOON),
        key("a", Algorithm::EdDsa, KeyState::Active { announced_at: NOON, activated_at: NOON }),
        key("s", Algorithm::EdDsa, KeyState::Standby { announced_at: NOON }),
    ];
    let planned = plan(&keys, &policy(&[Algorithm::Es256]), MIDDLE, NOON);
    assert_eq!(planned.steps, vec![KeyStep::Deactivate(id("a")), KeyStep::Withdraw(id("s"))]);
    assert_eq!(planned.due, NOON + policy(&[]).destroy_after());
}

#[test]
fn an_operator_waits_for_the_announcement_or_insists() {
    let policy = policy(&[Algorithm::Es256]);
    let keys = [active(NOON), standby(NOON)];
    let from = NOON + policy.announce;
    let ask = |algorithm, immediate, now| rotation(&keys, &policy, algorithm, immediate, now);
    assert_eq!(ask(None, false, NOON), Err(RotationRefused::NotYet { from }));
    assert_eq!(ask(None, false, from), Ok(rotated()));
    assert_eq!(ask(Some(Algorithm::Es256), true, NOON), Ok(rotated()));
    assert_eq!(ask(Some(Algorithm::Rs256), true, NOON), Err(RotationRefused::NoSuchAlgorithm));

    let alone = [active(NOON)];
    let refused = RotationRefused::NotYet { from: from + HOUR };
    assert_eq!(rotation(&alone, &policy, None, false, NOON + HOUR), Err(refused));
    let steps = vec![
        KeyStep::Deactivate(id("active")),
        KeyStep::CreateActive(Algorithm::Es256),
        KeyStep::CreateStandby(Algorithm::Es256),
    ];
    assert_eq!(rotation(&alone, &policy, None, true, NOON), Ok(steps));
}

/// A tenant whose keys move as the plan says.
struct Life {
    keys: Vec<Key>,
    policy: KeyPolicy,
    spread: u16,
    random: SeededRandom,
    now: Timestamp,
    due: Timestamp,
}

impl Life {
    fn new(policy: KeyPolicy, spread: u16) -> Self {
        let mut life = Self { keys: Vec::new(), policy, spread, random: SeededRandom::new(1), now: NOON, due: NOON };
        life.tick();
        life
    }

    fn tick(&mut self) {
        // One step may open the way to the next: a worker that was away for long plans more than once.
        while self.due <= self.now {
            let planned = plan(&self.keys, &self.policy, self.spread, self.now);
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
        let state = |id: &KeyId| self.keys.iter().find(|key| key.id == *id).expect("a key").state();
        match step {
            KeyStep::Activate(id) => {
                let announced = state(id).announced_at().expect("announced");
                assert!(self.now >= announced + self.policy.announce, "signs before every verifier knows it");
            }
            KeyStep::Deactivate(id) => {
                let signed = self.now.since(state(id).activated_at().expect("active"));
                assert!(signed >= self.policy.period * 19 / 20, "rotated too early");
            }
            KeyStep::Retire(id) => {
                let signed = state(id).deactivated_at().expect("deactivated");
                assert!(self.now >= signed + self.policy.retain, "leaves the set while its tokens live");
            }
            KeyStep::DestroyPrivate(id) => {
                let signed = state(id).deactivated_at().expect("deactivated");
                assert!(self.now >= signed + self.policy.destroy_after());
            }
            KeyStep::Purge(id) => {
                let signed = state(id).deactivated_at().expect("deactivated");
                assert!(self.now >= signed + HINT_HORIZON);
            }
            KeyStep::CreateActive(_) => assert_eq!(self.now, NOON, "only a new tenant makes a key that signs at once"),
            KeyStep::CreateStandby(_) => {}
            KeyStep::Withdraw(_) => panic!("no algorithm is given up here"),
        }
    }

    fn take(&mut self, steps: &[KeyStep]) {
        for step in steps {
            match (step.moves(), step.makes()) {
                (Some(id), _) => {
                    let place = self.keys.iter().position(|key| key.id == *id).expect("a key");
                    self.keys[place] = step.taken(self.keys[place].clone(), self.now).expect("a lawful step");
                }
                (None, Some(algorithm)) => {
                    let key = generated(algorithm, &self.random);
                    self.keys.push(step.taken(key, self.now).expect("a lawful step"));
                }
                (None, None) => panic!("a step moves a key or makes one"),
            }
        }
    }

    /// What must be true at every moment.
    fn check(&self) {
        for algorithm in &self.policy.algorithms {
            let count = |label| {
                self.keys.iter().filter(|key| key.algorithm == *algorithm && key.state().label() == label).count()
            };
            assert_eq!((count("active"), count("standby")), (1, 1));
            let published = self.keys.iter().filter(|key| key.algorithm == *algorithm && key.state().is_published());
            assert!(published.count() <= 4, "T is at least P + Q, give or take 5 %");
        }
        assert!(self.now < self.due, "every step due was taken");
        let before = plan(&self.keys, &self.policy, self.spread, self.due - Duration::from_millis(1));
        assert_eq!(before.steps, vec![], "nothing is due before it is said to be");
        assert!(!plan(&self.keys, &self.policy, self.spread, self.due).steps.is_empty(), "and then something is");
    }
}

/// Policies at the edge of what is safe, and beyond it by the spread.
fn hasty() -> impl Strategy<Value = KeyPolicy> {
    (1_u32..200, prop_oneof![1_u32..4, 1_u32..200], prop_oneof![Just(0), 0_u32..50]).prop_map(
        |(announce, retain, more)| KeyPolicy {
            announce: announce * HOUR,
            retain: retain * HOUR,
            period: (announce + retain + more) * HOUR,
            margins: retain > 24,
            ..policy(&[Algorithm::Es256, Algorithm::Rs256])
        },
    )
}

proptest! {
    #[test]
    fn a_life_in_random_steps_breaks_no_verifier(
        policy in hasty(),
        spread: u16,
        ticks in proptest::collection::vec((any::<bool>(), 1_u32..400), 1..80),
    ) {
        let mut life = Life::new(policy, spread);
        for (on_time, hours) in ticks {
            // A worker comes on time, or whenever it is up again.
            life.now = if on_time { life.due } else { life.now + hours * HOUR };
            life.tick();
        }
    }

    #[test]
    fn an_operator_who_rotates_at_random_breaks_no_verifier(minutes in proptest::collection::vec(1_u64..4000, 1..60)) {
        let mut life = Life::new(policy(&[Algorithm::Es256]), MIDDLE);
        for minutes in minutes {
            life.now = life.now + Duration::from_secs(minutes * 60);
            life.tick();
            match rotation(&life.keys, &life.policy, None, false, life.now) {
                Ok(steps) => {
                    life.due = due_after(&steps, &life.keys, &life.policy, life.spread, life.now);
                    life.take(&steps);
                }
                Err(RotationRefused::NotYet { from }) => prop_assert!(from > life.now),
                Err(RotationRefused::NoSuchAlgorithm) => prop_assert!(false, "all were asked for"),
            }
            let pair = Pair::of(&life.keys, Algorithm::Es256);
            let (active, first) = (pair.active.expect("active"), active(NOON).state());
            let announced = active.state().announced_at().expect("announced");
            let known = active.state().activated_at() >= Some(announced + life.policy.announce);
            prop_assert!(known || active.state() == first, "signs before every verifier knows it");
        }
    }
}
