//! A key policy that could break a verifier, or that cannot be carried out, as refusal: which field, and what it would
//! have to be.

use chancery_domain::key_policy::{KeyPolicy, UnsafePolicy, Unsafety};
use chancery_keys::policy::PolicyError;

use crate::status::{Reason, Refusal};

/// Why the policy was not changed to `policy`.
pub(crate) fn refused(error: PolicyError, policy: &KeyPolicy) -> Refusal {
    match error {
        PolicyError::Unsafe(unsafety) => unsafe_policy(&unsafety, policy),
        PolicyError::Changed => Refusal::stale(None),
        PolicyError::Fault(fault) => fault.into(),
    }
}

fn unsafe_policy(error: &UnsafePolicy, policy: &KeyPolicy) -> Refusal {
    let (field, figures): (_, &[(&str, u64)]) = match &error.what {
        Unsafety::Algorithms => ("algorithms", &[]),
        Unsafety::Rules => ("rules", &[]),
        Unsafety::MaxAge => ("max_age", &[("minimum_seconds", 1), ("maximum_seconds", 3600)]),
        Unsafety::LongestTokenLife => ("longest_token_life", &[("minimum_seconds", 1), ("maximum_seconds", 86_400)]),
        Unsafety::Jitter => ("jitter_percent", &[("maximum", 20)]),
        Unsafety::Announce(least) => ("announce", &[("minimum_seconds", least.as_secs())]),
        Unsafety::Retain(least) => ("retain", &[("minimum_seconds", least.as_secs())]),
        Unsafety::Period(least) => ("period", &[("minimum_seconds", least.as_secs())]),
        Unsafety::Cron(_) => ("cron", &[]),
        Unsafety::Zone => ("time_zone", &[]),
        Unsafety::Dates { least, found } => {
            ("cron", &[("minimum_seconds", least.as_secs()), ("found_seconds", found.as_secs())])
        }
    };
    let place = |algorithm| policy.rules.iter().position(|rule| rule.algorithm == algorithm);
    let path = match error.rule.and_then(place) {
        Some(at) => format!("key_policy.rules[{at}].{field}"),
        None => format!("key_policy.{field}"),
    };
    // The sentence begins with the field, which the refusal says by itself.
    let sentence = error.to_string();
    let rule = sentence.strip_prefix(field).unwrap_or(&sentence).trim_start();
    let refusal = Refusal::field_because(Reason::KeyPolicyUnsafe, path, rule);
    figures.iter().fold(refusal, |refusal, (name, figure)| refusal.with(name, figure.to_string()))
}
