//! Moments and spans of time as protobuf has them.

use std::time::Duration;

use chancery_domain::time::Timestamp;

use crate::status::Refusal;

/// A moment on the wire.
pub(crate) fn moment(at: Timestamp) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.millis().rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    prost_types::Timestamp { seconds: at.seconds(), nanos }
}

/// Reads a moment, to the millisecond.
pub(crate) fn read(field: &str, sent: prost_types::Timestamp) -> Result<Timestamp, Refusal> {
    // The years 1 to 9999, as protobuf has it.
    let seconds = (-62_135_596_800..=253_402_300_799).contains(&sent.seconds);
    match u32::try_from(sent.nanos) {
        Ok(nanos) if seconds && nanos < 1_000_000_000 => {
            Ok(Timestamp::from_millis(sent.seconds * 1000 + i64::from(nanos / 1_000_000)))
        }
        Ok(_) | Err(_) => Err(Refusal::field(field, "must be a moment from year 1 to year 9999")),
    }
}

/// A moment as RFC 3339 text, for the metadata of a refusal.
pub(crate) fn text(at: Timestamp) -> String {
    moment(at).to_string()
}

/// A span on the wire.
pub(crate) fn span(span: Duration) -> prost_types::Duration {
    let nanos = i32::try_from(span.subsec_nanos()).unwrap_or_default();
    prost_types::Duration { seconds: i64::try_from(span.as_secs()).unwrap_or(i64::MAX), nanos }
}

/// Reads a span: whole seconds, and not before now.
pub(crate) fn seconds(field: &str, sent: prost_types::Duration) -> Result<Duration, Refusal> {
    match (u64::try_from(sent.seconds), sent.nanos) {
        (Ok(seconds), 0) if i64::try_from(seconds).is_ok_and(|s| s <= LONGEST) => Ok(Duration::from_secs(seconds)),
        _ => Err(Refusal::field(field, "must be whole seconds, not negative, and at most 10 000 years")),
    }
}

/// The longest span that protobuf allows, in seconds.
const LONGEST: i64 = 315_576_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_milliseconds() {
        assert_eq!(text(Timestamp::from_millis(1_772_366_400_250)), "2026-03-01T12:00:00.250Z");
        assert_eq!(moment(Timestamp::from_millis(-1)), prost_types::Timestamp { seconds: -1, nanos: 999_000_000 });
    }

    #[test]
    fn a_moment_is_read_as_it_was_told() {
        let at = Timestamp::from_millis(1_772_366_400_250);
        assert_eq!(read("at", moment(at)).ok(), Some(at));
        for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (0, -1), (0, 1_000_000_000)] {
            assert!(read("at", prost_types::Timestamp { seconds, nanos }).is_err());
        }
    }

    #[test]
    fn spans_are_whole_seconds() {
        let read = |seconds, nanos| seconds_of(prost_types::Duration { seconds, nanos });
        assert_eq!(read(90, 0), Some(90));
        assert_eq!(read(0, 0), Some(0));
        for (seconds, nanos) in [(-1, 0), (1, 1), (0, -5), (i64::MAX, 0)] {
            assert_eq!(read(seconds, nanos), None);
        }
    }

    fn seconds_of(sent: prost_types::Duration) -> Option<u64> {
        seconds("ttl", sent).ok().map(|span| span.as_secs())
    }
}
