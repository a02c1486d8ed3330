//! Moments as people write them, in RFC 3339: `2026-03-01T12:00:00Z`.

use prost_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads a moment. The parser of arguments.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no time: write it as 2026-03-01T12:00:00Z"))
}

/// RFC 3339 in UTC.
pub(crate) fn for_json(at: &Timestamp) -> String {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|at| at.format(&Rfc3339).ok());
    at.unwrap_or_else(|| "out of range".to_owned())
}

/// To the second, with a space: `2026-11-21 22:31:00Z`.
pub(crate) fn for_people(at: &Timestamp) -> String {
    let time = for_json(at);
    let seconds = time.split_once('.').map_or_else(|| time.clone(), |(whole, _)| format!("{whole}Z"));
    seconds.replacen('T', " ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_and_written() {
        let noon = Timestamp { seconds: 1_772_366_400, nanos: 0 };
        assert_eq!(parse("2026-03-01T12:00:00Z"), Ok(noon));
        assert_eq!(parse("2026-03-01T13:00:00+01:00"), Ok(noon));
        assert_eq!(for_json(&noon), "2026-03-01T12:00:00Z");
        assert_eq!(for_people(&Timestamp { nanos: 250_000_000, ..noon }), "2026-03-01 12:00:00Z");
        assert_eq!(for_json(&Timestamp { seconds: i64::MAX, nanos: 0 }), "out of range");
    }

    #[test]
    fn everything_else_is_refused_with_the_same_words() {
        for bad in ["", "yesterday", "12:00", "2026-13-01T00:00:00Z", "1772366400"] {
            assert!(parse(bad).expect_err(bad).contains("write it as"), "{bad}");
        }
    }
}
