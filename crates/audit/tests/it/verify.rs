//! Whatever is done to an export, the verifier names the place.

use chancery_audit::{
    Options, Verified, What, canonical, checkpoint_line, end_line, event_line, genesis, link_all, read_checkpoint,
};
use chancery_domain::audit_chain::AuditHead;

use crate::export::{EACH, EVENTS, EXPORT, Export, SEALED, at, check, event, kid, tenant, wrong, wrong_near};

fn without(index: usize) -> Vec<String> {
    let mut lines = EXPORT.lines.clone();
    lines.remove(index);
    lines
}

#[test]
fn an_export_that_nobody_touched_verifies() {
    let expected = Verified {
        chain: tenant().to_string(),
        first: Some(1),
        last: EVENTS,
        checkpoints: EVENTS / EACH,
        signed: true,
    };
    assert_eq!(check(&EXPORT.lines, &EXPORT.options()), Ok(expected));
    assert!(check(&EXPORT.lines, &Options::default()).is_ok_and(|verified| !verified.signed));
}

#[test]
fn a_deleted_event_is_named_whichever_it_is() {
    for position in 1..=EVENTS {
        let broken = wrong_near(&without(at(position)), at(position));
        assert_eq!(broken.position, position);
        let named = match position {
            1 => broken.what == What::NoBeginning,
            _ => broken.what == What::Missing { from: position, to: position },
        };
        assert!(named, "{position}: {broken}");
    }
}

#[test]
fn two_events_that_changed_places_are_named_whichever_they_are() {
    for position in 1..EVENTS {
        let mut lines = EXPORT.lines.clone();
        lines.swap(at(position), at(position + 1));
        let broken = wrong_near(&lines, at(position));
        assert_eq!(broken.position, position, "{broken}");
        assert!(matches!(broken.what, What::Reordered(_)), "{broken}");
    }
}

#[test]
fn an_export_that_is_cut_off_is_named_wherever_it_was() {
    for length in 0..EXPORT.lines.len() {
        let broken = wrong_near(&EXPORT.lines[..length], length.saturating_sub(1));
        let what = if length == 0 { What::Empty } else { What::Truncated };
        assert_eq!((broken.line, broken.what), (length as u64 + 1, what));
    }
    // Whoever cuts it off and writes the end anew is found out by a checkpoint that was kept elsewhere.
    let mut lines = EXPORT.lines[..at(901)].to_vec();
    lines.push(end_line(900));
    assert!(check(&lines, &EXPORT.options()).is_ok());
    let last = EXPORT.lines.iter().rev().find_map(|line| read_checkpoint(line));
    let options = Options { until: last, ..EXPORT.options() };
    assert_eq!(check(&lines, &options).expect_err("cut off").what, What::Truncated);
    assert!(check(&EXPORT.lines, &options).is_ok());
}

#[test]
fn a_checkpoint_that_is_gone_from_the_end_is_named() {
    assert_eq!(wrong(without(EXPORT.lines.len() - 2)).what, What::Truncated);
}

#[test]
fn a_doubled_event_is_named() {
    let mut lines = EXPORT.lines.clone();
    lines.insert(at(500), lines[at(499)].clone());
    assert_eq!(wrong(lines).what, What::Reordered(499));
}

#[test]
fn an_event_of_another_chain_is_named() {
    let mut head = AuditHead { position: 499, hash: SEALED[498].hash };
    let foreign = link_all(&mut head, [canonical(&event(500, None))]);
    let mut lines = EXPORT.lines.clone();
    lines[at(500)] = event_line(&foreign[0]);
    let broken = wrong(lines);
    assert_eq!((broken.position, broken.what), (500, What::OtherChain("platform".to_owned())));
}

#[test]
fn a_chain_that_is_written_anew_is_found_out_by_its_checkpoints() {
    let chain = Some(tenant());
    let mut head = AuditHead { position: 0, hash: genesis(chain) };
    let text = |number: u64| canonical(&event(if number == 250 { 9999 } else { number }, chain));
    let forged = link_all(&mut head, (1..=EVENTS).map(text));
    let mut lines = EXPORT.lines.clone();
    for event in &forged {
        lines[at(event.position)] = event_line(event);
    }
    let broken = wrong(lines.clone());
    assert_eq!((broken.line, broken.what), (at(301) as u64, What::Rewritten(300)));

    // With checkpoints of the thief's own the signatures do not fit.
    let thief = Export::of(1, 77);
    for event in forged.iter().filter(|event| event.position.is_multiple_of(EACH)) {
        let head = AuditHead { position: event.position, hash: event.hash };
        lines[at(event.position) + 1] = checkpoint_line(&thief.checkpoint(head));
    }
    assert_eq!(wrong(lines.clone()).what, What::Unsigned(kid().to_string()));
    assert!(check(&lines, &Options::default()).is_ok(), "without keys nobody can tell");
}

#[test]
fn an_export_from_the_middle_needs_the_checkpoint_before() {
    let middle = Export::of(301, 0);
    assert_eq!(check(&middle.lines, &middle.options()).expect_err("no beginning").what, What::NoBeginning);
    let after = |position: usize| {
        let all = EXPORT.lines.iter().filter_map(|line| read_checkpoint(line)).nth(position / 100 - 1);
        Options { after: all, ..EXPORT.options() }
    };
    let verified = check(&middle.lines, &after(300)).expect("verifies");
    assert_eq!((verified.first, verified.last), (Some(301), 1000));
    let broken = check(&middle.lines, &after(200)).expect_err("a gap");
    assert_eq!(broken.what, What::Missing { from: 201, to: 300 });
    let foreign = Options { keys: Some(Export::of(1, 77).keys), ..after(300) };
    assert_eq!(check(&middle.lines, &foreign).expect_err("another key").what, What::Unsigned(kid().to_string()));
}

#[test]
fn an_export_without_news_verifies_behind_its_checkpoint() {
    let last = EXPORT.lines.iter().rev().find_map(|line| read_checkpoint(line)).expect("a checkpoint");
    let options = Options { after: Some(last.clone()), ..EXPORT.options() };
    let quiet = [end_line(EVENTS)];
    let verified = check(&quiet, &options).expect("verifies");
    assert_eq!((verified.first, verified.last, verified.checkpoints), (None, EVENTS, 0));
    assert_eq!(check([checkpoint_line(&last), end_line(EVENTS)], &options).expect("verifies").checkpoints, 1);
    assert!(check(&quiet, &Options { until: Some(last), ..options.clone() }).is_ok(), "it is reached already");

    let other = EXPORT.checkpoint(AuditHead { position: EVENTS, hash: SEALED[0].hash });
    let broken = check(&quiet, &Options { until: Some(other), ..options.clone() }).expect_err("another event");
    assert_eq!(broken.what, What::Rewritten(EVENTS));
    assert_eq!(check(&quiet, &EXPORT.options()).expect_err("no beginning").what, What::Missing { from: 1, to: EVENTS });
    let later = check([end_line(EVENTS + 1)], &options).expect_err("a gap");
    assert_eq!(later.what, What::Missing { from: EVENTS + 1, to: EVENTS + 1 });
    assert_eq!(check([""; 0], &options).expect_err("no end").what, What::Truncated);
}

#[test]
fn an_event_of_a_newer_version_is_unknown_and_not_edited() {
    let newer = canonical(&event(500, Some(tenant()))).replace(r#""v":1"#, r#""v":2"#);
    let mut head = AuditHead { position: 499, hash: SEALED[498].hash };
    let mut lines = EXPORT.lines.clone();
    lines[at(500)] = event_line(&link_all(&mut head, [newer])[0]);
    let broken = wrong(lines.clone());
    assert_eq!((broken.position, broken.what), (500, What::Unknown));
    lines[at(500)] = lines[at(500)].replace("user", "nobody");
    assert_eq!(wrong(lines).what, What::Edited);
}
