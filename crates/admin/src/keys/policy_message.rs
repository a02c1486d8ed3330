//! A key policy as message, and a message as key policy.

use std::time::Duration;

use chancery_domain::{
    key::Key,
    key_policy::{KeyPolicy, Rotation, UnsafePolicy, Unsafety},
    tenant::Tenant,
    vocabulary::Algorithm,
};
use chancery_keys::plan::{self, Rules};
use chancery_proto::v1;

use crate::{
    context::Context,
    etag, name, span,
    status::{Reason, Refusal},
};

/// The policy as callers see it; the keys say when it rotates next.
pub(super) fn of(tenant: &Tenant, rules: &Rules, keys: &[Key]) -> v1::KeyPolicy {
    let policy = &rules.policy;
    let period = match policy.rotation {
        Rotation::Every(period) => Some(period),
        Rotation::At(_) => None,
    };
    v1::KeyPolicy {
        name: format!("{}/keyPolicy", name::of_tenant(&tenant.slug)),
        algorithms: policy.algorithms.iter().map(ToString::to_string).collect(),
        default_algorithm: policy.default_algorithm().to_string(),
        period: period.map(span::span),
        announce: Some(span::span(policy.announce)),
        retain: Some(span::span(policy.retain)),
        max_age: Some(span::span(policy.max_age)),
        verifier_cache: Some(span::span(policy.verifier_cache)),
        longest_token_life: Some(span::span(policy.longest_token_life)),
        margins: rules.margins.count(),
        jitter_percent: policy.jitter_percent.into(),
        next_rotation_time: plan::next_rotation(keys, rules).map(span::moment),
        etag: etag(tenant, policy),
    }
}

/// The tag of a policy as it stands.
pub(super) fn etag(tenant: &Tenant, policy: &KeyPolicy) -> String {
    etag::of(format_args!("key-policy {}", tenant.id), policy.version)
}

/// The policy with what was sent, if no verifier can be broken by it; what was left out takes the default of the
/// tenant's profile. `chosen` is the default algorithm that the caller asked for, or nothing.
pub(super) fn read(
    cx: &Context,
    tenant: &Tenant,
    sent: &v1::KeyPolicy,
    chosen: &str,
    stored: &KeyPolicy,
) -> Result<KeyPolicy, Refusal> {
    let usual = cx.usual_policy.of(tenant.profile);
    let policy = KeyPolicy {
        algorithms: algorithms(sent, chosen, &usual)?,
        rotation: Rotation::Every(seconds("period", sent.period, Duration::from_secs(30 * 86_400))?),
        announce: seconds("announce", sent.announce, usual.announce)?,
        retain: seconds("retain", sent.retain, usual.retain)?,
        max_age: seconds("max_age", sent.max_age, usual.max_age)?,
        verifier_cache: seconds("verifier_cache", sent.verifier_cache, usual.verifier_cache)?,
        longest_token_life: seconds("longest_token_life", sent.longest_token_life, usual.longest_token_life)?,
        version: stored.version,
        ..stored.clone()
    };
    if tenant.settings.clone().checked(policy.longest_token_life).is_err() {
        let rule = "must not be shorter than the token lives in the tenant's settings";
        return Err(Refusal::field("key_policy.longest_token_life", rule));
    }
    Ok(policy)
}

/// The algorithms with the default in front, where the policy keeps it.
fn algorithms(sent: &v1::KeyPolicy, chosen: &str, usual: &KeyPolicy) -> Result<Vec<Algorithm>, Refusal> {
    if sent.algorithms.is_empty() {
        return Ok(usual.algorithms.clone());
    }
    let read = |(at, name): (usize, &String)| {
        name.parse().map_err(|malformed| Refusal::malformed(format!("key_policy.algorithms[{at}]"), &malformed))
    };
    let mut algorithms: Vec<Algorithm> = sent.algorithms.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    match algorithms.iter().position(|algorithm| algorithm.as_str() == sent.default_algorithm) {
        Some(at) => algorithms[..=at].rotate_right(1),
        // The former default was taken out and no other was named: the first of the list it is.
        None if chosen.is_empty() => {}
        None => return Err(Refusal::field("key_policy.default_algorithm", "must be one of algorithms")),
    }
    Ok(algorithms)
}

fn seconds(field: &str, sent: Option<prost_types::Duration>, usual: Duration) -> Result<Duration, Refusal> {
    sent.map_or(Ok(usual), |sent| span::seconds(&format!("key_policy.{field}"), sent))
}

/// A policy that could break a verifier, with the field and the figure that would be needed.
pub(super) fn unsafe_policy(error: &UnsafePolicy) -> Refusal {
    let (field, least) = match &error.what {
        Unsafety::Algorithms => ("algorithms", None),
        Unsafety::Rules => ("rules", None),
        Unsafety::MaxAge => ("max_age", None),
        Unsafety::LongestTokenLife => ("longest_token_life", None),
        Unsafety::Jitter => ("jitter_percent", None),
        Unsafety::Announce(least) => ("announce", Some(least)),
        Unsafety::Retain(least) => ("retain", Some(least)),
        Unsafety::Period(least) => ("period", Some(least)),
        Unsafety::Cron(_) => ("cron", None),
        Unsafety::Zone => ("time_zone", None),
        Unsafety::Dates { least, .. } => ("cron", Some(least)),
    };
    let path = format!("key_policy.{field}");
    // The sentence begins with the field, which the refusal says by itself.
    let sentence = error.to_string();
    let rule = sentence.strip_prefix(field).unwrap_or(&sentence).trim_start();
    match least {
        None => Refusal::field(path, rule),
        Some(least) => {
            let refusal = Refusal::field_because(Reason::KeyPolicyUnsafe, path, rule);
            refusal.with("minimum_seconds", least.as_secs().to_string())
        }
    }
}
