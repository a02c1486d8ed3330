//! The plan: what is to be done with a tenant's keys now, and when to look again. Pure: no clock, no chance, no store.
//!
//! A tenant has one active and one standby key for each algorithm of its policy. When the active key's time is over
//! (T) and the standby key has been published for P, the standby key takes over and a new one is published. A key that
//! signs no more loses its private part after Vs + S, leaves the JWK Set when nothing that it signed can be believed
//! any more, and proves old logout hints until H. An algorithm that is new begins with a standby key, so that its first
//! key is announced like every other; the former default goes on until then.

use std::time::Duration;

use chancery_domain::{
    key::{Key, KeyState, Origin, PublicKey, SealedPrivateKey},
    key_policy::HINT_HORIZON,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::step::KeyStep;

mod emergency;
mod forecast;
mod pair;
mod rules;
#[cfg(test)]
mod tests;

pub use emergency::{Alarm, AlarmRefused, Severity, Target, emergency};
pub use forecast::{Forecast, Move, forecast, is_future, next_rotations};
use pair::Pair;
pub use rules::{Rules, spread};

/// How far ahead anybody looks: ten years.
pub const FAR: Duration = Duration::from_secs(3650 * 86_400);

/// What is to be done, and when there will be something to do again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in the order in which they are to be written. At most one for each key.
    pub steps: Vec<KeyStep>,
    /// When to plan again, once these steps are taken. May be now.
    pub due: Timestamp,
}

/// Why an operator's rotation is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationRefused {
    /// Some verifier may not know the standby key yet.
    NotYet {
        /// From when on every verifier knows it.
        from: Timestamp,
    },
    /// The policy does not name that algorithm.
    NoSuchAlgorithm,
}

/// What is due at `now`.
#[must_use]
pub fn plan(keys: &[Key], rules: &Rules, now: Timestamp) -> Plan {
    let pairs = rules.policy.algorithms.iter().map(|algorithm| Pair::of(keys, *algorithm));
    let upkeep = pairs.flat_map(|pair| pair.upkeep(keys, rules, now));
    let singles = keys.iter().filter_map(|key| by_itself(key, keys, rules, now));
    let singles = singles.filter(|(at, _)| *at <= now).map(|(_, step)| step);
    let steps: Vec<_> = upkeep.chain(singles).collect();
    let due = due_after(&steps, keys, rules, now);
    Plan { steps, due }
}

/// The steps of a rotation that an operator asks for: of one algorithm or of all. Without `immediate` it is refused as
/// long as a verifier could miss the key that would sign.
pub fn rotation(
    keys: &[Key],
    rules: &Rules,
    algorithm: Option<Algorithm>,
    immediate: bool,
    now: Timestamp,
) -> Result<Vec<KeyStep>, RotationRefused> {
    let asked = match algorithm {
        None => rules.policy.algorithms.clone(),
        Some(one) if rules.policy.algorithms.contains(&one) => vec![one],
        Some(_) => return Err(RotationRefused::NoSuchAlgorithm),
    };
    let pairs: Vec<_> = asked.into_iter().map(|algorithm| Pair::of(keys, algorithm)).collect();
    let from = pairs.iter().map(|pair| pair.may_rotate_from(rules, now)).max().unwrap_or(now);
    if from > now && !immediate {
        return Err(RotationRefused::NotYet { from });
    }
    Ok(pairs.iter().flat_map(Pair::rotated).collect())
}

/// When the clock rotates next, of whichever algorithm is first. `None` while no pair of keys is complete.
#[must_use]
pub fn next_rotation(keys: &[Key], rules: &Rules) -> Option<Timestamp> {
    let pairs = rules.policy.algorithms.iter().map(|algorithm| Pair::of(keys, *algorithm));
    pairs.filter_map(|pair| pair.rotation_at(rules)).min()
}

/// From when on one of the tenant's active keys is so far over its time that something is wrong with the worker, and
/// whoever sees it rotates it: a tenth of its life after its rotation was due.
#[must_use]
pub fn overdue_at(keys: &[Key], rules: &Rules) -> Option<Timestamp> {
    let pairs = rules.policy.algorithms.iter().map(|algorithm| Pair::of(keys, *algorithm));
    let overdue = pairs.filter_map(|pair| {
        let (since, due) = (pair.active_since()?, pair.rotation_at(rules)?);
        Some(due + due.since(since) / 10)
    });
    overdue.min()
}

/// When to plan again once `steps` are taken at `now`.
pub(crate) fn due_after(steps: &[KeyStep], keys: &[Key], rules: &Rules, now: Timestamp) -> Timestamp {
    let after = after(steps, keys, rules, now);
    let singles = after.iter().filter_map(|key| by_itself(key, &after, rules, now)).map(|(at, _)| at);
    let pairs = rules.policy.algorithms.iter().map(|algorithm| Pair::of(&after, *algorithm));
    // A pair that stays incomplete is due at once.
    let upkeep = pairs.map(|pair| pair.next_at(&after, rules).unwrap_or(now));
    singles.chain(upkeep).min().unwrap_or(now + HINT_HORIZON)
}

/// The keys as they are once `steps` are taken at `now`; those that are made then have a name for now only.
#[must_use]
pub fn after(steps: &[KeyStep], keys: &[Key], rules: &Rules, now: Timestamp) -> Vec<Key> {
    let taken = |key: &Key| {
        let step = steps.iter().find(|step| step.moves() == Some(&key.id));
        step.and_then(|step| step.taken(key.clone(), rules, now).ok()).unwrap_or_else(|| key.clone())
    };
    let made = |(place, step): (usize, &KeyStep)| {
        let id = format!("new-{place}").parse().ok()?;
        let public = PublicKey { id, algorithm: step.makes()?, jwk: String::new(), thumbprint: None, seal: Vec::new() };
        let key = Key::generated(public, Some(SealedPrivateKey(Vec::new())), Origin::Made, now);
        let made = step.taken(key, rules, now).ok()?;
        Some(if keys.is_empty() { made.known() } else { made })
    };
    keys.iter().map(taken).chain(steps.iter().enumerate().filter_map(made)).collect()
}

/// The next step of a key by itself, and when: a second look at what has just begun, and each step on its way out.
fn by_itself(key: &Key, keys: &[Key], rules: &Rules, now: Timestamp) -> Option<(Timestamp, KeyStep)> {
    let id = || key.id.clone();
    let given_up = || !rules.policy.keeps(key.algorithm, keys);
    match key.state() {
        KeyState::Standby { .. } if !rules.policy.algorithms.contains(&key.algorithm) => {
            Some((now, KeyStep::Withdraw(id())))
        }
        KeyState::Standby { .. } => (!key.is_settled()).then(|| (now, KeyStep::Settle(id()))),
        KeyState::Active { .. } => given_up().then(|| (now, KeyStep::Deactivate(id()))),
        KeyState::Retiring { .. } | KeyState::Tainted { .. } if !key.is_settled() => Some((now, KeyStep::Settle(id()))),
        KeyState::Retiring { deactivated_at, retire_at } => {
            let destroy = deactivated_at + rules.margins.destroy_after();
            let first = key.private.is_some() && destroy < retire_at && now < retire_at;
            Some(if first { (destroy, KeyStep::DestroyPrivate(id())) } else { (retire_at, KeyStep::Retire(id())) })
        }
        KeyState::Tainted { retire_at, .. } => Some((retire_at, KeyStep::Retire(id()))),
        KeyState::Retired { deactivated_at } => Some((deactivated_at + HINT_HORIZON, KeyStep::Purge(id()))),
        KeyState::Generated | KeyState::Purged | KeyState::Compromised { .. } => None,
    }
}
