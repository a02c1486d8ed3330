//! The policy of keys: what is refused, with which figure, and what a change does.

use std::time::Duration;

use chancery_proto::v1::{
    AlgorithmRule, KeyPolicy, ListKeysRequest, RotateKeysRequest, UpdateKeyPolicyRequest, key_change::Kind,
};
use tonic::Code;

use crate::{
    keys::{policy, rotate, update},
    world::{World, metadata, refusal, seconds},
};

const HOUR: i64 = 3600;

fn table(cron: &str, time_zone: &str) -> KeyPolicy {
    KeyPolicy { cron: cron.into(), time_zone: time_zone.into(), ..Default::default() }
}

fn rule(rule: AlgorithmRule) -> KeyPolicy {
    KeyPolicy { rules: vec![AlgorithmRule { algorithm: "ES256".into(), ..rule }], ..Default::default() }
}

/// A bad policy, what is changed by it, the field that is at fault, and the figure that helps.
type Case = (KeyPolicy, &'static [&'static str], &'static str, Option<(&'static str, i64)>);

async fn all_refused(cases: Vec<Case>, reason: &str) {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let before = policy(&mut operator).await;
    for (bad, paths, field, figure) in cases {
        let refused = operator.keys.update_key_policy(update(bad.clone(), paths)).await;
        assert_eq!(metadata(&refused, "field"), field, "{bad:?}");
        if let Some((name, figure)) = figure {
            assert_eq!(metadata(&refused, name), figure.to_string(), "{bad:?}");
        }
        assert_eq!(refusal(refused), (Code::InvalidArgument, reason.to_owned()), "{bad:?}");
    }
    assert_eq!(policy(&mut operator).await, before);
}

#[tokio::test]
async fn an_unsafe_policy_is_refused_with_the_field_and_the_figure() {
    let jitter = |percent| KeyPolicy { jitter_percent: Some(percent), ..Default::default() };
    let named = |name: &str| AlgorithmRule { algorithm: name.into(), ..Default::default() };
    let (own, none) = (AlgorithmRule::default, None);
    let least = Some(("minimum_seconds", 51 * HOUR));
    let announce = KeyPolicy { announce: seconds(HOUR), ..Default::default() };
    let period = KeyPolicy { period: seconds(48 * HOUR), ..Default::default() };
    let retain = KeyPolicy { retain: seconds(HOUR), ..Default::default() };
    let twice = KeyPolicy { algorithms: vec!["ES256".into(), "ES256".into()], ..Default::default() };
    let foreign = KeyPolicy { rules: vec![named("RS256")], ..Default::default() };
    let two = KeyPolicy { rules: vec![named("ES256"), named("ES256")], ..Default::default() };
    let cron = |cron: &str| AlgorithmRule { cron: cron.into(), ..own() };
    let cases: Vec<Case> = vec![
        (announce, &["announce"], "key_policy.announce", Some(("minimum_seconds", 25 * HOUR + 60))),
        (retain, &["retain"], "key_policy.retain", Some(("minimum_seconds", 24 * HOUR + 150))),
        (period, &["period"], "key_policy.period", least),
        (twice, &["algorithms"], "key_policy.algorithms", none),
        (table("0 3 30 2 *", "UTC"), &["cron", "time_zone"], "key_policy.cron", none),
        (table("0 3 1 *", "UTC"), &["cron"], "key_policy.cron", none),
        (table("0 0 3 1 * * 2030", "UTC"), &["cron"], "key_policy.cron", none),
        (table("0 0 99 1 * *", "UTC"), &["cron"], "key_policy.cron", none),
        (table("0 3 1 * *", "Europe/Atlantis"), &["cron", "time_zone"], "key_policy.time_zone", none),
        (table("0 3 * * *", ""), &["cron"], "key_policy.cron", least),
        (table("0 3 * * *", ""), &["cron"], "key_policy.cron", Some(("found_seconds", 24 * HOUR))),
        (jitter(21), &["jitter_percent"], "key_policy.jitter_percent", Some(("maximum", 20))),
        (jitter(300), &[], "key_policy.jitter_percent", none),
        (foreign, &["rules"], "key_policy.rules[0].algorithm", none),
        (two, &["rules"], "key_policy.rules[1].algorithm", none),
        (rule(AlgorithmRule { announce: seconds(HOUR), ..own() }), &["rules"], "key_policy.rules[0].announce", none),
        (rule(AlgorithmRule { period: seconds(30 * HOUR), ..own() }), &["rules"], "key_policy.rules[0].period", least),
        (rule(AlgorithmRule { jitter_percent: Some(21), ..own() }), &[], "key_policy.rules[0].jitter_percent", none),
        (rule(cron("0 3 31 2 *")), &[], "key_policy.rules[0].cron", none),
        (rule(cron("0 3 * * *")), &[], "key_policy.rules[0].cron", least),
        (
            rule(AlgorithmRule { time_zone: "Mars".into(), ..cron("0 3 1 * *") }),
            &[],
            "key_policy.rules[0].time_zone",
            none,
        ),
    ];
    all_refused(cases, "KEY_POLICY_UNSAFE").await;
}

#[tokio::test]
async fn a_policy_that_contradicts_itself_is_refused() {
    let both = KeyPolicy { period: seconds(720 * HOUR), ..table("0 3 1 * *", "UTC") };
    let rules = AlgorithmRule { period: seconds(720 * HOUR), cron: "0 3 1 * *".into(), ..Default::default() };
    let cases: Vec<Case> = vec![
        (both.clone(), &["period", "cron"], "key_policy.cron", None),
        (both.clone(), &[], "key_policy.cron", None),
        (table("", "Europe/Vienna"), &["time_zone"], "key_policy.time_zone", None),
        (rule(rules), &["rules"], "key_policy.rules[0].cron", None),
        (
            rule(AlgorithmRule { time_zone: "UTC".into(), ..Default::default() }),
            &[],
            "key_policy.rules[0].time_zone",
            None,
        ),
        (
            KeyPolicy { longest_token_life: seconds(60), ..Default::default() },
            &[],
            "key_policy.longest_token_life",
            None,
        ),
        (KeyPolicy { algorithms: vec!["none".into()], ..Default::default() }, &[], "key_policy.algorithms[0]", None),
        (
            KeyPolicy { default_algorithm: "RS256".into(), ..Default::default() },
            &["default_algorithm"],
            "key_policy.default_algorithm",
            None,
        ),
    ];
    all_refused(cases, "FIELD_INVALID").await;
}

#[tokio::test]
async fn a_time_table_takes_the_place_of_the_period_and_shows_its_dates() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let monthly = KeyPolicy { jitter_percent: Some(0), ..table("0 3 1 * *", "Europe/Vienna") };
    let told = operator.keys.update_key_policy(update(monthly, &[])).await.expect("updated").into_inner();
    assert_eq!((told.period, told.cron.as_str(), told.time_zone.as_str()), (None, "0 3 1 * *", "Europe/Vienna"));
    let dates: Vec<String> = told.next_rotation_times.iter().map(ToString::to_string).collect();
    let expected = ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"];
    assert_eq!(dates, expected.map(|date| format!("{date}T01:00:00Z")));
    assert_eq!(told.next_rotation_time, told.next_rotation_times.first().copied());

    // The zone is kept with another table; none at all means UTC.
    let six = operator.keys.update_key_policy(update(table("30 0 3 1 * *", ""), &["cron"])).await.expect("six fields");
    assert_eq!(six.into_inner().time_zone, "Europe/Vienna");
    let utc = operator.keys.update_key_policy(update(table("", ""), &["time_zone"])).await.expect("updated");
    assert_eq!(utc.into_inner().time_zone, "UTC");

    let period = KeyPolicy { period: seconds(720 * HOUR), ..Default::default() };
    let told = operator.keys.update_key_policy(update(period, &["period"])).await.expect("updated").into_inner();
    assert_eq!((told.period, told.cron.as_str(), told.time_zone.as_str()), (seconds(720 * HOUR), "", ""));
    let gaps = told.next_rotation_times.windows(2).map(|two| two[1].seconds - two[0].seconds);
    assert_eq!(gaps.collect::<Vec<_>>(), [720 * HOUR; 4]);
    assert_eq!(told.next_rotation_times, policy(&mut operator).await.next_rotation_times);
}

#[tokio::test]
async fn rules_of_an_algorithm_are_kept_and_followed() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let slow = AlgorithmRule {
        period: seconds(60 * 24 * HOUR),
        announce: seconds(48 * HOUR),
        jitter_percent: Some(0),
        ..Default::default()
    };
    let sent = rule(slow);
    let told = operator.keys.update_key_policy(update(sent.clone(), &["rules"])).await.expect("updated").into_inner();
    assert_eq!(told.rules, sent.rules);
    let first = told.next_rotation_time.expect("rotates");
    assert_eq!(first.to_string(), "2026-04-30T12:00:00Z");
    let none = operator.keys.update_key_policy(update(KeyPolicy::default(), &["rules"])).await.expect("updated");
    assert!(none.into_inner().rules.is_empty());
}

#[tokio::test]
async fn a_new_default_takes_over_by_itself_once_it_is_announced() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let both = KeyPolicy { algorithms: vec!["EdDSA".into(), "ES256".into()], ..Default::default() };
    let first = operator.keys.update_key_policy(update(both, &["algorithms"])).await.expect("updated").into_inner();
    assert_eq!((first.algorithms, first.default_algorithm.as_str()), (vec!["ES256".into(), "EdDSA".into()], "ES256"));

    let turn = update(KeyPolicy { default_algorithm: "EdDSA".into(), ..Default::default() }, &["default_algorithm"]);
    let told = operator.keys.update_key_policy(turn).await.expect("updated").into_inner();
    assert_eq!((told.default_algorithm.as_str(), told.interim_algorithm.as_str()), ("EdDSA", "ES256"));
    assert_eq!(told.signing_algorithms, ["ES256"]);

    world.clock.advance(Duration::from_secs(26 * 3600));
    let mut operator = world.operator().await;
    let request = RotateKeysRequest { algorithm: "EdDSA".into(), ..rotate() };
    operator.keys.rotate_keys(request).await.expect("announced for long enough");
    let told = policy(&mut operator).await;
    assert_eq!((told.interim_algorithm.as_str(), told.signing_algorithms), ("", vec!["EdDSA".into(), "ES256".into()]));
}

#[tokio::test]
async fn a_trial_shows_what_a_change_of_algorithm_does_and_does_nothing() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let list = ListKeysRequest { parent: "tenants/acme".into(), ..Default::default() };
    let before = operator.keys.list_keys(list.clone()).await.expect("listed").into_inner();
    let policy_before = policy(&mut operator).await;
    let turn = KeyPolicy { algorithms: vec!["EdDSA".into()], default_algorithm: "EdDSA".into(), ..Default::default() };
    let trial = UpdateKeyPolicyRequest { validate_only: true, ..update(turn, &["algorithms", "default_algorithm"]) };
    let told = operator.keys.update_key_policy(trial).await.expect("tried").into_inner();
    let changes: Vec<_> = told
        .key_changes
        .iter()
        .map(|one| {
            let hours = (one.time.expect("a time").seconds - 1_772_366_400) / HOUR;
            (hours, one.kind(), one.algorithm.as_str(), one.key.is_empty())
        })
        .collect();
    for expected in [
        (0, Kind::Announced, "EdDSA", true),
        (0, Kind::Withdrawn, "ES256", false),
        (26, Kind::Activated, "EdDSA", true),
        (26, Kind::Deactivated, "ES256", false),
    ] {
        assert!(changes.contains(&expected), "{expected:?} in {changes:?}");
    }
    assert_eq!(told.interim_algorithm, "ES256");
    assert_eq!(operator.keys.list_keys(list).await.expect("listed").into_inner(), before);
    assert_eq!(policy(&mut operator).await, policy_before);
}
