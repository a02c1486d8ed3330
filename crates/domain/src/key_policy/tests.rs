use super::*;

const STANDARD: Margins = Margins::STANDARD;

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

#[test]
fn the_default_policies_are_safe() {
    for profile in Profile::ALL {
        assert!(KeyPolicy::of(profile).checked(&STANDARD).is_ok());
    }
}

#[test]
fn a_policy_that_could_break_a_verifier_names_the_figure() {
    let policy = KeyPolicy::of(Profile::Oauth21);
    let wrong = |policy: KeyPolicy| policy.checked(&STANDARD).expect_err("refused").what;
    let hasty = KeyPolicy { announce: hours(1), ..policy.clone() };
    assert_eq!(wrong(hasty), Unsafety::Announce(Duration::from_secs(25 * 3600 + 60)));
    let forgetful = KeyPolicy { retain: hours(1), ..policy.clone() };
    assert_eq!(wrong(forgetful), Unsafety::Retain(Duration::from_secs(24 * 3600 + 150)));
    let rushed = KeyPolicy { rotation: Rotation::Every(hours(48)), ..policy.clone() };
    assert_eq!(wrong(rushed), Unsafety::Period(hours(51)));
    let scattered = KeyPolicy { jitter_percent: 21, ..policy.clone() };
    assert_eq!(wrong(scattered), Unsafety::Jitter);
    let endless = KeyPolicy { longest_token_life: hours(25), retain: hours(26), ..policy };
    assert_eq!(wrong(endless), Unsafety::LongestTokenLife);
}

#[test]
fn a_rule_is_held_to_the_same_formulas_and_names_itself() {
    let policy = KeyPolicy::of(Profile::Oauth21);
    let algorithm = policy.default_algorithm();
    let with = |rule| KeyPolicy { rules: vec![rule], ..policy.clone() }.checked(&STANDARD);
    let hasty = AlgorithmRule { announce: Some(hours(2)), ..AlgorithmRule::new(algorithm) };
    let refused = with(hasty).expect_err("refused");
    assert_eq!((refused.rule, refused.what), (Some(algorithm), Unsafety::Announce(Duration::from_secs(90_060))));
    let rushed = AlgorithmRule { rotation: Some(Rotation::Every(hours(30))), ..AlgorithmRule::new(algorithm) };
    assert_eq!(with(rushed).expect_err("refused").what, Unsafety::Period(hours(51)));
    // A longer announcement of its own needs a longer period.
    let slow = AlgorithmRule { announce: Some(hours(26 * 30)), ..AlgorithmRule::new(algorithm) };
    assert_eq!(with(slow).expect_err("refused").what, Unsafety::Period(hours(26 * 30 + 25)));
    let stray = AlgorithmRule::new(Algorithm::Ps512);
    assert_eq!(with(stray).expect_err("refused").what, Unsafety::Rules);
}

#[test]
fn a_policy_is_stored_and_read_again() {
    let rule = AlgorithmRule {
        rotation: Some(Rotation::At(CronTable { expression: "0 3 * * SUN".into(), zone: "Europe/Vienna".into() })),
        announce: Some(hours(48)),
        jitter_percent: None,
        ..AlgorithmRule::new(Algorithm::Es256)
    };
    let bare = AlgorithmRule::new(Algorithm::Rs256);
    let policy = KeyPolicy { rules: vec![rule, bare], ..KeyPolicy::of(Profile::Oidc) };
    let text = serde_json::to_string(&policy).expect("JSON");
    assert_eq!(serde_json::from_str::<KeyPolicy>(&text).expect("a policy"), policy);
}

#[test]
fn a_policy_of_before_the_rules_is_still_read() {
    let text = r#"{"algorithms":["ES256"],"period":2592000,"announce":93600,"retain":90000,"max_age":300,
        "verifier_cache":86400,"longest_token_life":86400,"margins":true}"#;
    let read: KeyPolicy = serde_json::from_str(text).expect("a policy");
    assert_eq!(read, KeyPolicy { algorithms: vec![Algorithm::Es256], ..KeyPolicy::of(Profile::Oauth21) });
}

#[test]
fn an_alarm_shortens_the_age_and_never_lengthens_it() {
    let policy = KeyPolicy::of(Profile::Oauth21);
    let now = Timestamp::from_seconds(1000);
    assert_eq!(policy.max_age_at(None, now), policy.max_age);
    assert_eq!(policy.max_age_at(Some(now), now), policy.max_age);
    assert_eq!(policy.max_age_at(Some(now + ALARM), now), ALARM_MAX_AGE);
    let short = KeyPolicy { max_age: Duration::from_secs(5), ..policy };
    assert_eq!(short.max_age_at(Some(now + ALARM), now), Duration::from_secs(5));
}
