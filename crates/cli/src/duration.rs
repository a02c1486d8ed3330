//! Durations as people write them: `90s`, `15m`, `12h`, `30d`.

use prost_types::Duration;

/// The units, greatest first.
const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Reads a whole number with a unit. The parser of arguments.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let rule = || format!("`{text}` is no duration: write a whole number and s, m, h or d, such as 90s or 30d");
    let (unit, seconds) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(rule)?;
    let digits = &text[..text.len() - unit.len()];
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(rule());
    }
    let number: i64 = digits.parse().map_err(|_| rule())?;
    // Protocol buffers end durations at 10 000 years.
    let seconds = number.checked_mul(*seconds).filter(|seconds| *seconds <= 315_576_000_000).ok_or_else(rule)?;
    Ok(Duration { seconds, nanos: 0 })
}

/// The shortest writing that [`parse`] reads, and parts of seconds as a fraction.
pub(crate) fn for_people(span: &Duration) -> String {
    if span.nanos != 0 || span.seconds < 0 {
        return for_json(span);
    }
    let (unit, seconds) =
        UNITS.iter().find(|(_, unit)| span.seconds != 0 && span.seconds % unit == 0).unwrap_or(&UNITS[3]);
    format!("{}{unit}", span.seconds / seconds)
}

/// The JSON form of protocol buffers: seconds with `s`, and the fraction that is needed.
pub(crate) fn for_json(span: &Duration) -> String {
    if span.nanos == 0 {
        return format!("{}s", span.seconds);
    }
    let sign = if span.seconds < 0 || span.nanos < 0 { "-" } else { "" };
    let fraction = format!("{:09}", span.nanos.unsigned_abs());
    format!("{sign}{}.{}s", span.seconds.unsigned_abs(), fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: i64) -> Duration {
        Duration { seconds, nanos: 0 }
    }

    #[test]
    fn units_are_read() {
        for (text, expected) in [("0s", 0), ("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(parse(text), Ok(seconds(expected)), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in
            ["", "s", "90", "-5s", "+5s", "1.5h", "1h30m", "90 s", "10w", "10S", "9999999999999999999s", "9999999999d"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_see_the_greatest_unit_that_fits() {
        for (span, expected) in [(0, "0s"), (45, "45s"), (90, "90s"), (600, "10m"), (93_600, "26h"), (2_592_000, "30d")]
        {
            assert_eq!(for_people(&seconds(span)), expected);
            assert_eq!(parse(expected), Ok(seconds(span)));
        }
    }

    #[test]
    fn json_has_seconds_and_the_fraction_that_is_needed() {
        assert_eq!(for_json(&seconds(10)), "10s");
        assert_eq!(for_json(&Duration { seconds: 0, nanos: 500_000_000 }), "0.5s");
        assert_eq!(for_json(&Duration { seconds: 0, nanos: -1 }), "-0.000000001s");
    }
}
