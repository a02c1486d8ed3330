//! What is different for one algorithm, as message; and the fields that say when keys change.

use chancery_domain::{
    id::SignerName,
    key_policy::{AlgorithmRule, CronTable, Rotation},
    key_spec::{KeySpec, RsaBits},
    vocabulary::Algorithm,
};
use chancery_proto::v1;

use crate::{
    context::Context,
    span,
    status::{Reason, Refusal},
    text,
};

/// The longest cron expression and name of a zone that are looked at.
const MOST: usize = 200;

/// The fields that say when keys change: a period, or a time table and its zone.
#[derive(Default)]
pub(super) struct RotationFields {
    pub(super) period: Option<prost_types::Duration>,
    pub(super) cron: String,
    pub(super) time_zone: String,
}

impl RotationFields {
    pub(super) fn of(rotation: &Rotation) -> Self {
        match rotation {
            Rotation::Every(period) => Self { period: Some(span::span(*period)), ..Self::default() },
            Rotation::At(table) => Self { period: None, cron: table.expression.clone(), time_zone: table.zone.clone() },
        }
    }

    /// Reads them; nothing where none is set. `path` is what they lie in.
    pub(super) fn read(self, path: &str) -> Result<Option<Rotation>, Refusal> {
        let (cron, zone) = (self.cron.trim(), self.time_zone.trim());
        for (field, text) in [("cron", cron), ("time_zone", zone)] {
            if text.len() > MOST || text.chars().any(char::is_control) {
                let rule = format!("must be at most {MOST} characters without control characters");
                return Err(Refusal::field(format!("{path}.{field}"), rule));
            }
        }
        match (self.period, cron) {
            (Some(_), cron) if !cron.is_empty() => {
                Err(Refusal::field(format!("{path}.cron"), "must not be given beside period"))
            }
            (_, "") if !zone.is_empty() => Err(Refusal::field(format!("{path}.time_zone"), "must be given with cron")),
            (Some(period), _) => span::seconds(&format!("{path}.period"), period).map(Rotation::Every).map(Some),
            (None, "") => Ok(None),
            (None, cron) => {
                let zone = if zone.is_empty() { "UTC" } else { zone };
                Ok(Some(Rotation::At(CronTable { expression: cron.to_owned(), zone: zone.to_owned() })))
            }
        }
    }
}

/// A rule as callers see it.
pub(super) fn of(rule: &AlgorithmRule) -> v1::AlgorithmRule {
    let rotation = rule.rotation.as_ref().map(RotationFields::of).unwrap_or_default();
    v1::AlgorithmRule {
        algorithm: rule.algorithm.to_string(),
        period: rotation.period,
        cron: rotation.cron,
        time_zone: rotation.time_zone,
        announce: rule.announce.map(span::span),
        jitter_percent: rule.jitter_percent.map(u32::from),
        rsa_bits: rule.rsa_bits.map(RsaBits::bits).unwrap_or_default(),
        signer: rule.signer.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Reads the rules of a policy for these algorithms: at most one for each.
pub(super) fn read_all(
    cx: &Context,
    sent: &[v1::AlgorithmRule],
    algorithms: &[Algorithm],
) -> Result<Vec<AlgorithmRule>, Refusal> {
    let mut rules: Vec<AlgorithmRule> = Vec::with_capacity(sent.len());
    for (at, sent) in sent.iter().enumerate() {
        let path = format!("key_policy.rules[{at}]");
        let rule = read(cx, &path, sent)?;
        let wrong = |what| Err(Refusal::field_because(Reason::KeyPolicyUnsafe, format!("{path}.algorithm"), what));
        if !algorithms.contains(&rule.algorithm) {
            return wrong("must be one of the policy's algorithms");
        }
        if rules.iter().any(|other| other.algorithm == rule.algorithm) {
            return wrong("has a rule already");
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn read(cx: &Context, path: &str, sent: &v1::AlgorithmRule) -> Result<AlgorithmRule, Refusal> {
    let algorithm = text::read(format!("{path}.algorithm"), &sent.algorithm)?;
    let fields = RotationFields { period: sent.period, cron: sent.cron.clone(), time_zone: sent.time_zone.clone() };
    let announce = sent.announce.map(|announce| span::seconds(&format!("{path}.announce"), announce));
    Ok(AlgorithmRule {
        rotation: fields.read(path)?,
        announce: announce.transpose()?,
        jitter_percent: sent.jitter_percent.map(jitter),
        rsa_bits: rsa_bits(&format!("{path}.rsa_bits"), sent.rsa_bits)?,
        signer: signer(cx, path, sent, algorithm)?,
        ..AlgorithmRule::new(algorithm)
    })
}

/// Reads the size of RSA keys; nothing where none is set.
pub(super) fn rsa_bits(path: &str, sent: u32) -> Result<Option<RsaBits>, Refusal> {
    if sent == 0 {
        return Ok(None);
    }
    RsaBits::try_from(sent).map(Some).map_err(|malformed| Refusal::malformed(path, &malformed))
}

/// Reads who holds new keys: a signer that this server has, and that can hold keys of that kind.
fn signer(
    cx: &Context,
    path: &str,
    sent: &v1::AlgorithmRule,
    algorithm: Algorithm,
) -> Result<Option<SignerName>, Refusal> {
    if sent.signer.is_empty() {
        return Ok(None);
    }
    let path = format!("{path}.signer");
    let name: SignerName = text::read(path.clone(), &sent.signer)?;
    let Some(custodian) = cx.keys.custodians.get(&name) else {
        let names: Vec<_> = cx.keys.custodians.names().map(ToString::to_string).collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(Refusal::field(path, format!("must be a signer of the server's configuration, which has {there}")));
    };
    let rsa_bits = rsa_bits(&path, sent.rsa_bits)?.unwrap_or_default();
    if !custodian.holds(KeySpec { algorithm, rsa_bits }) {
        return Err(Refusal::field(path, format!("cannot hold keys for {algorithm}")));
    }
    Ok(Some(name))
}

/// Reads a percentage. What is too great for the type is too great for the policy, which says so in its own words.
pub(super) fn jitter(sent: u32) -> u8 {
    u8::try_from(sent).unwrap_or(u8::MAX)
}
