//! A key policy as message, and a message as key policy.

use std::time::Duration;

use chancery_domain::{
    id::TenantSlug,
    key::Key,
    key_policy::{KeyPolicy, Rotation},
    tenant::Tenant,
    time::Timestamp,
    vocabulary::Algorithm,
};
use chancery_keys::plan::{self, Rules};
use chancery_proto::v1;

use super::rule_message::{self, RotationFields};
use crate::{context::Context, etag, name, span, status::Refusal, text};

/// How many rotations are told ahead.
const AHEAD: usize = 5;

/// The policy as callers see it; the keys say what signs, and when it rotates next.
pub(super) fn of(tenant: &Tenant, rules: &Rules, keys: &[Key], now: Timestamp) -> v1::KeyPolicy {
    let policy = &rules.policy;
    let signing = policy.signing_algorithms(keys);
    let interim = signing.first().filter(|first| **first != policy.default_algorithm());
    v1::KeyPolicy {
        margins: rules.margins.count(),
        next_rotation_time: plan::next_rotation(keys, rules).map(span::moment),
        etag: etag(tenant, policy),
        next_rotation_times: plan::next_rotations(keys, rules, now, AHEAD).into_iter().map(span::moment).collect(),
        interim_algorithm: interim.map(ToString::to_string).unwrap_or_default(),
        signing_algorithms: signing.iter().map(ToString::to_string).collect(),
        token_life: Some(span::span(policy.token_life)),
        ..settable(&tenant.slug, policy)
    }
}

/// What callers set of the policy, without what the keys add.
pub(crate) fn settable(tenant: &TenantSlug, policy: &KeyPolicy) -> v1::KeyPolicy {
    let rotation = RotationFields::of(&policy.rotation);
    v1::KeyPolicy {
        name: format!("{}/keyPolicy", name::of_tenant(tenant)),
        algorithms: policy.algorithms.iter().map(ToString::to_string).collect(),
        default_algorithm: policy.default_algorithm().to_string(),
        period: rotation.period,
        announce: Some(span::span(policy.announce)),
        retain: Some(span::span(policy.retain)),
        max_age: Some(span::span(policy.max_age)),
        verifier_cache: Some(span::span(policy.verifier_cache)),
        longest_token_life: Some(span::span(policy.longest_token_life)),
        jitter_percent: Some(policy.jitter_percent.into()),
        cron: rotation.cron,
        time_zone: rotation.time_zone,
        rules: policy.rules.iter().map(rule_message::of).collect(),
        rsa_bits: policy.rsa_bits.bits(),
        ..v1::KeyPolicy::default()
    }
}

/// The tag of a policy as it stands.
pub(super) fn etag(tenant: &Tenant, policy: &KeyPolicy) -> String {
    etag::of(format_args!("key-policy {}", tenant.id), policy.version)
}

/// Lets what the caller set take the place of its counterpart: a policy has a period or a time table. `given` holds
/// what the caller set and the mask let through, and nothing else.
pub(super) fn choose_rotation(given: &v1::KeyPolicy, wanted: &mut v1::KeyPolicy) -> Result<(), Refusal> {
    match (given.period.is_some(), given.cron.is_empty()) {
        (true, false) => Err(Refusal::field("key_policy.cron", "must not be given beside period")),
        (true, true) => {
            wanted.cron.clear();
            wanted.time_zone.clone_from(&given.time_zone);
            Ok(())
        }
        (false, false) => {
            wanted.period = None;
            Ok(())
        }
        (false, true) => Ok(()),
    }
}

/// The policy with what was sent; what was left out takes the default of the tenant's profile. `chosen` is the default
/// algorithm that the caller asked for, or nothing. Whether it is safe, the keys room says.
pub(crate) fn read(
    cx: &Context,
    tenant: &Tenant,
    sent: &v1::KeyPolicy,
    chosen: &str,
    stored: &KeyPolicy,
) -> Result<KeyPolicy, Refusal> {
    let usual = cx.usual_policy.of(tenant.profile);
    let policy = KeyPolicy {
        algorithms: algorithms(sent, chosen, &usual)?,
        rotation: rotation(sent)?.unwrap_or(usual.rotation),
        jitter_percent: sent.jitter_percent.map_or(usual.jitter_percent, rule_message::jitter),
        announce: seconds("announce", sent.announce, usual.announce)?,
        retain: seconds("retain", sent.retain, usual.retain)?,
        max_age: seconds("max_age", sent.max_age, usual.max_age)?,
        verifier_cache: seconds("verifier_cache", sent.verifier_cache, usual.verifier_cache)?,
        longest_token_life: seconds("longest_token_life", sent.longest_token_life, usual.longest_token_life)?,
        rsa_bits: rule_message::rsa_bits("key_policy.rsa_bits", sent.rsa_bits)?.unwrap_or(usual.rsa_bits),
        version: stored.version,
        ..stored.clone()
    };
    let policy = KeyPolicy { rules: rule_message::read_all(cx, &sent.rules, &policy.algorithms)?, ..policy };
    let asked = policy.algorithms.iter().position(|algorithm| algorithm.is_ml_dsa());
    if let Some(at) = asked.filter(|_| !tenant.settings.ml_dsa) {
        let rule = "needs the setting ml_dsa of the tenant, as few verifiers know it yet";
        return Err(Refusal::field(format!("key_policy.algorithms[{at}]"), rule));
    }
    if tenant.settings.clone().checked(policy.longest_token_life).is_err() {
        let rule = "must not be shorter than the token lives in the tenant's settings";
        return Err(Refusal::field("key_policy.longest_token_life", rule));
    }
    Ok(policy)
}

fn rotation(sent: &v1::KeyPolicy) -> Result<Option<Rotation>, Refusal> {
    let fields = RotationFields { period: sent.period, cron: sent.cron.clone(), time_zone: sent.time_zone.clone() };
    fields.read("key_policy")
}

/// The algorithms with the default in front, where the policy keeps it.
fn algorithms(sent: &v1::KeyPolicy, chosen: &str, usual: &KeyPolicy) -> Result<Vec<Algorithm>, Refusal> {
    if sent.algorithms.is_empty() {
        return Ok(usual.algorithms.clone());
    }
    let read = |(at, name): (usize, &String)| text::read(format!("key_policy.algorithms[{at}]"), name);
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
