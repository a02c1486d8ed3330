//! Whichever bit of an export is another, the verifier names its line.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use chancery_audit::{Broken, Options, verify};
use chancery_domain::audit_chain::AuditHead;
use proptest::prelude::*;

use crate::export::{EVENTS, EXPORT, SEALED, at, wrong_near};

/// Every byte of every event's line and the end of the line, one bit of each: over the lines, every bit of a byte.
#[test]
fn every_byte_of_every_event_counts() {
    let tried = AtomicUsize::new(0);
    let half = EVENTS / 2;
    thread::scope(|scope| {
        for half in [1..half + 1, half + 1..EVENTS + 1] {
            scope.spawn(|| tried.fetch_add(half.map(every_byte_of).sum(), Ordering::Relaxed));
        }
    });
    let there: usize = (1..=EVENTS).map(|position| EXPORT.lines[at(position)].len() + 1).sum();
    assert_eq!(tried.into_inner(), there);
}

/// Reads that one line behind the event before it, with another bit at each place in turn. Gives how many there were.
fn every_byte_of(position: u64) -> usize {
    let index = at(position);
    let next = EXPORT.lines[index + 1].as_bytes();
    let mut text = [EXPORT.lines[index].as_bytes(), b"\n", next].concat();
    let options = behind(position - 1);
    assert_eq!(first_wrong(&text, &options).line, 3, "event {position} and what follows are as they were written");
    let length = text.len() - next.len();
    for place in 0..length {
        let bit = 1 << ((place + index) % 8);
        text[place] ^= bit;
        let broken = first_wrong(&text, &options);
        assert_eq!((broken.line, broken.position), (1, position), "bit {bit:#x} of byte {place}: {broken}");
        text[place] ^= bit;
    }
    length
}

/// As the verifier stands when it has read that event. Signatures have no part in a line of an event, and take most of
/// the time.
fn behind(position: u64) -> Options {
    let before = usize::try_from(position).expect("small").checked_sub(1).map(|before| &SEALED[before]);
    let after = before.map(|event| EXPORT.checkpoint(AuditHead { position, hash: event.hash }));
    Options { after, ..Options::default() }
}

fn first_wrong(text: &[u8], options: &Options) -> Broken {
    let lines = text.split(|byte| *byte == b'\n').map(|line| Ok(line.to_vec()));
    verify(lines, options).expect_err("it ends too early, or was tampered with")
}

#[test]
fn every_byte_of_a_checkpoint_and_of_the_end_counts() {
    for index in [at(500) + 1, EXPORT.lines.len() - 1] {
        for place in 0..EXPORT.lines[index].len() {
            flipped(index, place, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_flipped_bit_is_named_in_the_whole_export(
        index in 0..1011_usize,
        place in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
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
