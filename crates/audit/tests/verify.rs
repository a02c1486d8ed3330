//! Whatever is done to an export, the verifier names the place.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chancery_audit::{
    Broken, KeySet, Options, Verified, What, canonical, checkpoint_line, end_line, event_line, genesis, jwk, link_all,
    read_checkpoint, signed_bytes, verify,
};
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    audit_chain::{AuditCheckpoint, AuditHead, SealedEvent},
    change::Noun,
    id::{KeyId, TenantId, UserId},
    time::Timestamp,
};
use proptest::prelude::*;

/// How many events there are.
const EVENTS: u64 = 1000;
/// After how many a checkpoint comes.
const EACH: u64 = 100;

/// An export of a thousand events, and the key that signed it.
struct Export {
    lines: Vec<String>,
    keys: KeySet,
    signer: Ed25519KeyPair,
}

static EXPORT: LazyLock<Export> = LazyLock::new(|| Export::of(1, 0));

fn tenant() -> TenantId {
    "018f0000-0000-7000-8000-000000000000".parse().expect("an id")
}

fn kid() -> KeyId {
    "audit-1".parse().expect("an id")
}

fn event(number: u64, tenant: Option<TenantId>) -> AuditEvent {
    let at = Timestamp::from_millis(1_772_366_400_000) + std::time::Duration::from_millis(number * 977);
    let user: UserId = format!("018f0000-0000-7000-8000-{number:012}").parse().expect("an id");
    let event = AuditEvent::new(tenant, at, Actor::User(user), Action::SignedIn).about(Noun::User, &user);
    if number.is_multiple_of(7) { event.noting(format!("note \u{1b}[3{number}m")).because("test") } else { event }
}

impl Export {
    /// The export that begins with event `first`. Another `seed` is another key under the same name.
    fn of(first: u64, seed: u8) -> Self {
        let signer = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key");
        let public = signer.public_key().as_ref().try_into().expect("32 bytes");
        let keys = KeySet::read(&format!(r#"{{"keys":[{}]}}"#, jwk(&kid(), &public))).expect("a key set");
        let mut export = Self { lines: Vec::new(), keys, signer };
        for event in sealed() {
            let (position, hash) = (event.position, event.hash);
            if position >= first {
                export.lines.push(event_line(&event));
            }
            if position >= first && position.is_multiple_of(EACH) {
                let line = checkpoint_line(&export.checkpoint(AuditHead { position, hash }));
                export.lines.push(line);
            }
        }
        export.lines.push(end_line(EVENTS));
        export
    }

    fn checkpoint(&self, head: AuditHead) -> AuditCheckpoint {
        let AuditHead { position, hash } = head;
        let (at, key) = (Timestamp::from_millis(1_772_366_400_000), kid());
        let unsigned = AuditCheckpoint { tenant: Some(tenant()), position, hash, at, key, signature: Vec::new() };
        let signature = self.signer.sign(&signed_bytes(&unsigned)).as_ref().to_vec();
        AuditCheckpoint { signature, ..unsigned }
    }

    fn options(&self) -> Options {
        Options { keys: Some(self.keys.clone()), ..Options::default() }
    }
}

fn sealed() -> Vec<SealedEvent> {
    let chain = Some(tenant());
    let mut head = AuditHead { position: 0, hash: genesis(chain) };
    link_all(&mut head, (1..=EVENTS).map(|number| canonical(&event(number, chain))))
}

fn check<T: AsRef<[u8]>>(lines: impl IntoIterator<Item = T>, options: &Options) -> Result<Verified, Broken> {
    let text: Vec<u8> = lines.into_iter().flat_map(|line| [line.as_ref(), b"\n"].concat()).collect();
    let lines: Vec<_> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    verify(lines.into_iter().filter(|line| !line.is_empty()).map(Ok), options)
}

/// What is wrong with the export when its lines are these.
fn wrong(lines: Vec<String>) -> Broken {
    check(lines, &EXPORT.options()).expect_err("it was tampered with")
}

/// The same, read from the last checkpoint before that line on: it is the thousand events that make reading slow.
fn wrong_near<T: AsRef<[u8]>>(lines: &[T], index: usize) -> Broken {
    let block = usize::try_from(EACH + 1).expect("small");
    let begin = index / block * block;
    let after = begin.checked_sub(1).and_then(|last| read_checkpoint(&EXPORT.lines[last]));
    let broken = check(&lines[begin..], &Options { after, ..EXPORT.options() }).expect_err("it was tampered with");
    Broken { line: broken.line + begin as u64, ..broken }
}

/// The index of the line of an event.
fn at(position: u64) -> usize {
    usize::try_from(position - 1 + (position - 1) / EACH).expect("small")
}

fn without(index: usize) -> Vec<String> {
    let mut lines = EXPORT.lines.clone();
    lines.remove(index);
    lines
}

#[test]
fn an_export_that_nobody_touched_verifies() {
    let expected =
        Verified { chain: tenant().to_string(), first: 1, last: EVENTS, checkpoints: EVENTS / EACH, signed: true };
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
    let mut head = AuditHead { position: 499, hash: sealed()[498].hash };
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
    assert_eq!((verified.first, verified.last), (301, 1000));
    let broken = check(&middle.lines, &after(200)).expect_err("a gap");
    assert_eq!(broken.what, What::Missing { from: 201, to: 300 });
    let foreign = Options { keys: Some(Export::of(1, 77).keys), ..after(300) };
    assert_eq!(check(&middle.lines, &foreign).expect_err("another key").what, What::Unsigned(kid().to_string()));
}

#[test]
fn every_byte_of_an_event_and_of_a_checkpoint_counts() {
    for index in [at(1), at(497), at(500) + 1, EXPORT.lines.len() - 1] {
        for place in 0..EXPORT.lines[index].len() {
            flipped(index, place, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_flipped_bit_is_named_wherever_it_is(index in 0..1011_usize, place: prop::sample::Index, bit in 0..8_u32) {
        flipped(index, place.index(EXPORT.lines[index].len()), 1 << bit);
    }
}

/// One byte differs: the verifier names that line.
fn flipped(index: usize, place: usize, bits: u8) {
    let mut lines: Vec<Vec<u8>> = EXPORT.lines.iter().map(|line| line.clone().into_bytes()).collect();
    lines[index][place] ^= bits;
    let text = String::from_utf8_lossy(&lines[index]).into_owned();
    let broken = wrong_near(&lines, index);
    assert_eq!(broken.line, index as u64 + 1, "byte {place}: {text}: {broken}");
}
