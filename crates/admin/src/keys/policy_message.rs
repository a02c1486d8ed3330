//! A key policy as message, and a message as key policy.

use std::time::Duration;

use chancery_domain::{
    key::Key,
    key_policy::{KeyPolicy, UnsafePolicy},
    tenant::Tenant,
    vocabulary::Algorithm,
};
use chancery_keys::plan;
use chancery_proto::v1;

use crate::{
    context::Context,
    etag, name, span,
    status::{Reason, Refusal},
};

/// How far tenants are spread, to either side.
const JITTER_PERCENT: u32 = 5;

/// The policy as callers see it; the keys say when it rotates next.
pub(super) fn of(tenant: &Tenant, policy: &KeyPolicy, keys: &[Key]) -> v1::KeyPolicy {
    v1::KeyPolicy {
        name: format!("{}/keyPolicy", name::of_tenant(&tenant.slug)),
        algorithms: policy.algorithms.iter().map(ToString::to_string).collect(),
        default_algorithm: policy.default_algorithm().to_string(),
        period: Some(span::span(policy.period)),
        announce: Some(span::span(policy.announce)),
        retain: Some(span::span(policy.retain)),
        max_age: Some(span::span(policy.max_age)),
        verifier_cache: Some(span::span(policy.verifier_cache)),
        longest_token_life: Some(span::span(policy.longest_token_life)),
        margins: policy.margins,
        jitter_percent: JITTER_PERCENT,
        next_rotation_time: plan::next_rotation(keys, policy, plan::spread(tenant.id)).map(span::moment),
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
    let usual = KeyPolicy::of(tenant.profile);
    let policy = KeyPolicy {
        algorithms: algorithms(sent, chosen, &usual)?,
        period: seconds("period", sent.period, usual.period)?,
        announce: seconds("announce", sent.announce, usual.announce)?,
        retain: seconds("retain", sent.retain, usual.retain)?,
        max_age: seconds("max_age", sent.max_age, usual.max_age)?,
        verifier_cache: seconds("verifier_cache", sent.verifier_cache, usual.verifier_cache)?,
        longest_token_life: seconds("longest_token_life", sent.longest_token_life, usual.longest_token_life)?,
        margins: cx.margins,
        version: stored.version,
    };
    let policy = policy.checked().map_err(|error| unsafe_policy(&error))?;
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

fn unsafe_policy(error: &UnsafePolicy) -> Refusal {
    let (field, least) = match error {
        UnsafePolicy::Algorithms => ("algorithms", None),
        UnsafePolicy::MaxAge => ("max_age", None),
        UnsafePolicy::Announce(least) => ("announce", Some(least)),
        UnsafePolicy::Retain(least) => ("retain", Some(least)),
        UnsafePolicy::Period(least) => ("period", Some(least)),
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
