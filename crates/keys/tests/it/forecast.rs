//! What will become of keys, as the plan has it.

use std::time::Duration;

use chancery_domain::{
    id::TenantId,
    key::{Key, KeyState},
    key_policy::{CronTable, KeyPolicy, Margins, Rotation},
    profile::Profile,
    time::Timestamp,
    vocabulary::Algorithm,
};
use chancery_keys::{
    plan::{self, Rules, forecast, is_future, next_rotations},
    step::KeyStep,
};
use chancery_testkit::SeededRandom;

/// 2026-03-01 12:00 UTC.
const NOON: Timestamp = Timestamp::from_seconds(1_772_366_400);
const DAY: Duration = Duration::from_secs(86_400);

fn rules(policy: KeyPolicy) -> Rules {
    let tenant = TenantId::generate(&SeededRandom::new(1), NOON);
    Rules::checked(KeyPolicy { jitter_percent: 0, ..policy }, Margins::STANDARD, tenant, NOON).expect("safe")
}

/// The keys of a tenant that was made at that time.
fn founded(rules: &Rules) -> Vec<Key> {
    plan::after(&plan::plan(&[], rules, NOON).steps, &[], rules, NOON)
}

fn activations(keys: &[Key], rules: &Rules, days: u32) -> Vec<(Timestamp, Algorithm)> {
    let moves = forecast(keys, rules, NOON, NOON + days * DAY).moves;
    let activations = moves.into_iter().filter(|one| matches!(one.step, KeyStep::Activate(_)));
    activations.map(|one| (one.at, one.key.algorithm)).collect()
}

#[test]
fn keys_change_when_their_period_is_over_and_go_when_their_promise_is_kept() {
    let rules = rules(KeyPolicy::of(Profile::Oauth21));
    let keys = founded(&rules);
    let after: Vec<_> = activations(&keys, &rules, 95).into_iter().map(|(at, _)| at.since(NOON) / 86_400).collect();
    assert_eq!(after, [30, 60, 90].map(Duration::from_secs));

    let told = forecast(&keys, &rules, NOON, NOON + 95 * DAY);
    assert_eq!(told.keys.len(), 5);
    assert_eq!(told.keys.iter().filter(|key| is_future(&key.id)).count(), 3);
    let first = told.keys.iter().find(|key| key.id == keys[0].id).expect("still known");
    let kept = rules.policy.token_life + Duration::from_secs(30 + 120);
    assert_eq!(first.retired_at(), Some(NOON + 30 * DAY + kept));
    for key in &told.keys {
        assert_eq!(matches!(key.state(), KeyState::Active { .. }), key.activated_at() == Some(NOON + 90 * DAY));
    }
    assert!(told.moves.windows(2).all(|two| two[0].at <= two[1].at), "in order");
}

#[test]
fn a_time_table_is_followed_date_by_date() {
    let table = CronTable { expression: "0 3 1 * *".into(), zone: "Europe/Vienna".into() };
    let rules = rules(KeyPolicy { rotation: Rotation::At(table), ..KeyPolicy::of(Profile::Oauth21) });
    let keys = founded(&rules);
    let dates: Vec<_> = rules.table(Algorithm::Es256).expect("a table").dates_after(NOON).take(5).collect();
    assert_eq!(next_rotations(&keys, &rules, NOON, 5), dates);
    assert_eq!(plan::next_rotation(&keys, &rules), dates.first().copied());
    let until = u32::try_from(dates[4].since(NOON).as_secs() / 86_400 + 1).expect("days");
    assert_eq!(activations(&keys, &rules, until).len(), 5);
}

#[test]
fn a_new_default_signs_when_it_has_been_announced_and_the_former_goes_then() {
    let former = rules(KeyPolicy::of(Profile::Oauth21));
    let (keys, first) = (founded(&former), former.policy.default_algorithm());
    let turned = KeyPolicy { algorithms: vec![Algorithm::EdDsa], interim: Some(first), ..former.policy.clone() };
    let rules = rules(turned);
    let told = forecast(&keys, &rules, NOON, NOON + 3 * DAY);
    let of = |wanted: fn(&KeyStep) -> bool| {
        let found = told.moves.iter().find(|one| wanted(&one.step)).expect("comes");
        (found.at, found.key.algorithm)
    };
    let ready = NOON + rules.policy.announce;
    assert_eq!(of(|step| matches!(step, KeyStep::CreateStandby(_))), (NOON, Algorithm::EdDsa));
    assert_eq!(of(|step| matches!(step, KeyStep::Withdraw(_))), (NOON, first));
    assert_eq!(of(|step| matches!(step, KeyStep::Activate(_))), (ready, Algorithm::EdDsa));
    assert_eq!(of(|step| matches!(step, KeyStep::Deactivate(_))), (ready, first));
}

#[test]
fn keys_that_change_every_few_seconds_are_told_for_as_long_as_is_sensible() {
    let seconds = Duration::from_secs;
    let policy = KeyPolicy {
        rotation: Rotation::Every(seconds(20)),
        jitter_percent: 0,
        announce: seconds(5),
        retain: seconds(10),
        max_age: seconds(5),
        verifier_cache: seconds(5),
        longest_token_life: seconds(10),
        token_life: seconds(10),
        ..KeyPolicy::of(Profile::Oauth21)
    };
    let tenant = TenantId::generate(&SeededRandom::new(1), NOON);
    let rules = Rules::checked(policy, Margins::NONE, tenant, NOON).expect("safe without margins");
    let told = forecast(&founded(&rules), &rules, NOON, NOON + 90 * DAY);
    assert!(told.until > NOON + Duration::from_secs(3600) && told.until < NOON + DAY, "{:?}", told.until);
    assert!(told.moves.iter().all(|one| one.at <= told.until));
}

#[test]
fn a_forecast_changes_nothing_before_something_is_due() {
    let rules = rules(KeyPolicy::of(Profile::Oauth21));
    let keys = founded(&rules);
    let told = forecast(&keys, &rules, NOON, NOON + 29 * DAY);
    assert!(told.moves.is_empty());
    assert_eq!((told.keys.len(), told.until), (keys.len(), NOON + 29 * DAY));
}
