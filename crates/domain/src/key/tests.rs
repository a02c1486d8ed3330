use std::time::Duration;

use super::*;
use crate::{fault::IllegalMove, key_policy::Margins};

const LIFE: Duration = Duration::from_secs(600);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn generated() -> Key {
    let id = "k".parse().expect("a key id");
    let public = PublicKey { id, algorithm: Algorithm::Es256, jwk: "{}".into(), thumbprint: None, seal: Vec::new() };
    Key::generated(public, Some(SealedPrivateKey(vec![1])), Origin::Made, at(0))
}

fn active() -> Key {
    generated().announce(at(10)).and_then(|key| key.activate(LIFE, at(100))).expect("legal")
}

/// Every state, each reached by legal moves.
fn in_every_state() -> Vec<Key> {
    let standby = generated().announce(at(10)).expect("legal");
    let retiring = active().deactivate(&Margins::STANDARD, at(200)).expect("legal");
    let retired = retiring.clone().retire(at(1000)).expect("legal");
    vec![
        generated(),
        standby,
        active(),
        retiring,
        retired.clone(),
        retired.purge().expect("legal"),
        active().taint(&Margins::STANDARD, at(200)).expect("legal"),
        active().compromise(at(200)).expect("legal"),
    ]
}

#[test]
fn every_move_leads_where_the_table_says_and_from_nowhere_else() {
    type Move = fn(Key) -> Result<Key, IllegalMove>;
    let moves: [(&str, Move, &[&str]); 10] = [
        ("standby", |key| key.announce(at(300)), &["generated"]),
        ("active", |key| key.activate(LIFE, at(300)), &["standby"]),
        ("active", |key| key.promise(LIFE, &Margins::STANDARD, at(300)), &["active"]),
        ("retiring", |key| key.deactivate(&Margins::STANDARD, at(300)), &["active"]),
        ("retiring", |key| key.withdraw(at(300)), &["standby"]),
        ("retiring", |key| key.publish_to_verify(at(400), at(300)), &["generated"]),
        ("tainted", |key| key.taint(&Margins::STANDARD, at(300)), &["standby", "active", "retiring"]),
        (
            "compromised",
            |key| key.compromise(at(300)),
            &["generated", "standby", "active", "retiring", "retired", "tainted"],
        ),
        ("retired", |key| key.retire(at(300)), &["retiring", "tainted"]),
        ("purged", Key::purge, &["retired"]),
    ];
    for (to, make, from) in moves {
        for key in in_every_state() {
            let was = key.state().label();
            match make(key) {
                Ok(after) => {
                    assert_eq!(after.state().label(), to, "from {was}");
                    assert!(from.contains(&was), "{was} to {to} is not in the table");
                }
                Err(illegal) => assert!(!from.contains(&was), "{illegal}"),
            }
        }
    }
}

#[test]
fn only_what_may_sign_again_keeps_its_private_part() {
    for key in in_every_state() {
        let kept = matches!(key.state().label(), "generated" | "standby" | "active" | "retiring");
        assert_eq!(key.private.is_some(), kept, "{}", key.state().label());
    }
    let verifier = generated().publish_to_verify(at(400), at(300)).expect("legal");
    assert!(verifier.private.is_none());
}

#[test]
fn a_key_without_a_private_part_never_signs() {
    let public = Key { private: None, ..generated() };
    assert!(public.announce(at(10)).expect("legal").activate(LIFE, at(20)).is_err());
}

#[test]
fn a_key_leaves_when_the_last_token_is_over_and_not_before() {
    let retiring = active().deactivate(&Margins::STANDARD, at(1000)).expect("legal");
    // Vs + L + 2S.
    assert_eq!(retiring.state().retire_at(), Some(at(1000 + 30 + 600 + 120)));
    let exact = active().deactivate(&Margins::NONE, at(1000)).expect("legal");
    assert_eq!(exact.state().retire_at(), Some(at(1600)));
}

#[test]
fn a_longer_life_counts_from_its_record_and_a_shorter_one_forgets_nothing() {
    let (day, hour) = (Duration::from_secs(86_400), Duration::from_secs(3600));
    let longer = active().promise(day, &Margins::NONE, at(500)).expect("legal");
    let retired = |key: Key, when| key.deactivate(&Margins::NONE, at(when)).expect("legal").state().retire_at();
    assert_eq!(retired(longer.clone(), 600), Some(at(600 + 86_400)));

    let shorter = longer.promise(hour, &Margins::NONE, at(1000)).expect("legal");
    assert_eq!(retired(shorter.clone(), 2000), Some(at(1000 + 86_400)), "tokens of a day are still about");
    assert_eq!(retired(shorter, 100_000), Some(at(103_600)), "and then they are not");
}

#[test]
fn the_dates_of_a_life_are_kept() {
    let retired = active().deactivate(&Margins::NONE, at(200)).and_then(|key| key.retire(at(900))).expect("legal");
    assert_eq!(
        (retired.announced_at(), retired.activated_at(), retired.state().deactivated_at(), retired.retired_at()),
        (Some(at(10)), Some(at(100)), Some(at(200)), Some(at(900)))
    );
}

#[test]
fn time_counts_from_when_the_commit_is_known_and_once() {
    let margins = Margins::STANDARD;
    let late = at(5000);
    let standby = generated().announce(at(10)).and_then(|key| key.settle(&margins, late)).expect("legal");
    assert_eq!((standby.announced_at(), standby.is_settled()), (Some(late), true));
    let retiring = active().deactivate(&margins, at(200)).expect("legal");
    assert!(!retiring.is_settled());
    let settled = retiring.clone().settle(&margins, late).expect("legal");
    assert_eq!(settled.state().deactivated_at(), Some(at(200)), "what it says of itself stays");
    assert_eq!(settled.state().retire_at(), Some(late + LIFE + Duration::from_secs(150)));
    let tainted = active().taint(&margins, at(200)).and_then(|key| key.settle(&margins, late)).expect("legal");
    assert_eq!(tainted.state().retire_at(), settled.state().retire_at());
    for key in [standby, settled, tainted, generated(), active()] {
        assert!(key.settle(&margins, late).is_err());
    }
    // What nobody can miss needs no second look.
    assert!(generated().publish_to_verify(at(400), at(300)).expect("legal").is_settled());
    assert!(generated().announce(at(10)).and_then(|key| key.withdraw(at(20))).expect("legal").is_settled());
}
