//! The timing of keys: what the deployment allows for lag and clocks, and what key policies begin with.

use std::{ops::RangeInclusive, time::Duration};

use chancery_domain::{
    key_policy::{CronTable, Margins, Rotation, UsualPolicy},
    key_spec::RsaBits,
    vocabulary::Algorithm,
};
use chancery_keys::timetable::Timetable;

use super::leaves::Leaves;

/// The units of durations.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Reads `[keys.timing]`. Every process of a deployment must have the same.
pub(super) fn margins(leaves: &mut Leaves) -> Margins {
    let usual = Margins::STANDARD;
    let mut read = |name: &str, range, usual| span(leaves, &format!("keys.timing.{name}"), range).unwrap_or(usual);
    let margins = Margins {
        signing_view_age: read("signing_view_age", 3..=300, usual.signing_view_age),
        serving_view_age: read("serving_view_age", 3..=86_400, usual.serving_view_age),
        skew: read("clock_skew", 1..=60, usual.skew),
    };
    if margins.serving_view_age < margins.signing_view_age {
        leaves.fault_at("keys.timing.serving_view_age", "must not be shorter than signing_view_age");
    }
    margins
}

/// Reads `[keys.policy]`: what key policies begin with. It must be safe for every profile.
pub(super) fn usual_policy(leaves: &mut Leaves, margins: &Margins) -> UsualPolicy {
    const YEAR: u64 = 366 * 86_400;
    let algorithms = algorithms(leaves);
    let rotation = rotation(leaves);
    let mut read = |name: &str, range| span(leaves, &format!("keys.policy.{name}"), range);
    let policy = UsualPolicy {
        algorithms,
        rotation,
        announce: read("announce", 1..=YEAR),
        retain: read("retain", 1..=YEAR),
        max_age: read("max_age", 1..=3600),
        verifier_cache: read("verifier_cache", 1..=YEAR),
        longest_token_life: read("longest_token_life", 1..=86_400),
        jitter_percent: leaves.optional_by("keys.policy.jitter_percent", |text| {
            text.parse().ok().filter(|percent| *percent <= 20).ok_or_else(|| "must be from 0 to 20".to_owned())
        }),
        rsa_bits: leaves.optional_by("keys.policy.rsa_bits", |text| {
            let bits = text.parse::<u32>().ok().and_then(|bits| RsaBits::try_from(bits).ok());
            bits.ok_or_else(|| "must be 2048, 3072 or 4096".to_owned())
        }),
        rules: Vec::new(),
    };
    if let Err(unsafety) = policy.check(margins) {
        leaves.fault_at("keys.policy", &format!("could break verifiers: {unsafety}"));
    }
    policy
}

fn algorithms(leaves: &mut Leaves) -> Option<Vec<Algorithm>> {
    let mut algorithms = Vec::new();
    for index in 0.. {
        let path = format!("keys.policy.algorithms.{index}");
        if !leaves.has(&path) {
            break;
        }
        algorithms.extend(leaves.optional::<Algorithm>(&path));
    }
    (!algorithms.is_empty()).then_some(algorithms)
}

fn rotation(leaves: &mut Leaves) -> Option<Rotation> {
    let period = span(leaves, "keys.policy.period", 1..=10 * 366 * 86_400).map(Rotation::Every);
    let expression = leaves.optional::<String>("keys.policy.cron");
    let zone = leaves.optional::<String>("keys.policy.time_zone");
    let Some(expression) = expression else {
        if zone.is_some() {
            leaves.missing("keys.policy.cron", "a time zone needs the time table that it is for");
        }
        return period;
    };
    if period.is_some() {
        leaves.fault_at("keys.policy.cron", "give either a period or a time table, not both");
    }
    let table = CronTable { expression, zone: zone.unwrap_or_else(|| "UTC".to_owned()) };
    match Timetable::read(&table, super::now()) {
        Ok(_) => Some(Rotation::At(table)),
        Err(unsafety) => {
            leaves.fault_at("keys.policy.cron", &unsafety.to_string());
            None
        }
    }
}

/// Reads a duration such as 90s, 15m, 12h or 30d within a range of seconds.
fn span(leaves: &mut Leaves, path: &str, range: RangeInclusive<u64>) -> Option<Duration> {
    leaves.optional_by(path, |text| {
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).copied().unzip();
        let number = unit.and_then(|unit| text.strip_suffix(unit)?.parse::<u64>().ok());
        let span = number.zip(seconds).and_then(|(number, seconds)| number.checked_mul(seconds));
        let within = span.filter(|span| range.contains(span)).map(Duration::from_secs);
        let (least, most) = (range.start(), range.end());
        within.ok_or_else(|| format!("must be a duration such as 90s, 15m, 12h or 30d, from {least}s to {most}s"))
    })
}
