//! Rules of single algorithms as people write them: `RS256:period=90d,announce=7d`.

use chancery_proto::v1::AlgorithmRule;

use crate::duration;

/// Reads a rule. The parser of arguments.
pub(super) fn parse(text: &str) -> Result<AlgorithmRule, String> {
    let form = || format!("`{text}` is no rule: write it as RS256:period=90d,announce=7d");
    let (algorithm, parts) = text.split_once(':').ok_or_else(form)?;
    let mut rule = AlgorithmRule { algorithm: algorithm.trim().to_owned(), ..AlgorithmRule::default() };
    for (name, value) in pairs(parts).ok_or_else(form)? {
        match name.as_str() {
            "period" => rule.period = Some(duration::parse(&value)?),
            "announce" => rule.announce = Some(duration::parse(&value)?),
            "cron" => rule.cron = value,
            "time-zone" => rule.time_zone = value,
            "jitter-percent" => {
                rule.jitter_percent = Some(value.parse().map_err(|_| format!("`{value}` is no whole number"))?);
            }
            "rsa-bits" => rule.rsa_bits = value.parse().map_err(|_| format!("`{value}` is no whole number"))?,
            "signer" => rule.signer = value,
            other => {
                return Err(format!(
                    "a rule has no `{other}`: it can have period, cron, time-zone, announce, jitter-percent, rsa-bits and \
                     signer"
                ));
            }
        }
    }
    Ok(rule)
}

/// The pairs between commas. A cron expression may have commas of its own: what is no pair belongs to the one before.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in text.split(',') {
        match (part.split_once('='), pairs.last_mut()) {
            (Some((name, value)), _) => pairs.push((name.trim().to_owned(), value.trim().to_owned())),
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            (None, None) => return None,
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use prost_types::Duration;

    use super::*;

    #[test]
    fn a_rule_is_read() {
        let rule = parse("RS256:period=90d,announce=7d,jitter-percent=0").expect("a rule");
        assert_eq!((rule.algorithm.as_str(), rule.jitter_percent), ("RS256", Some(0)));
        assert_eq!(rule.period, Some(Duration { seconds: 90 * 86_400, nanos: 0 }));
        let table = parse("ES256:cron=0 3 1,15 * *,time-zone=Europe/Vienna").expect("a rule");
        assert_eq!((table.cron.as_str(), table.time_zone.as_str()), ("0 3 1,15 * *", "Europe/Vienna"));
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in ["", "RS256", "RS256:", "RS256:90d", "RS256:period=90", "RS256:colour=red", "RS256:jitter-percent=x"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
