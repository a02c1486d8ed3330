//! The plan: what is to be done with a tenant's keys now, and when to look again. Pure: no clock, no chance, no store.
//!
//! A tenant has one active and one standby key for each algorithm of its policy. When the active key has signed for
//! the period T and the standby key has been published for P, the standby key takes over and a new one is published.
//! A key that signs no more loses its private part after Vs + S, leaves the JWK Set after Q, and proves old logout
//! hints until H.

use chancery_domain::{
    id::TenantId,
    key::{Key, KeyState},
    key_policy::{HINT_HORIZON, KeyPolicy},
    secret::Digest,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::step::KeyStep;

#[cfg(test)]
mod tests;

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

/// What is due at `now`. `spread` moves rotations of tenants apart; see [`spread`].
#[must_use]
pub fn plan(keys: &[Key], policy: &KeyPolicy, spread: u16, now: Timestamp) -> Plan {
    let upkeep = policy.algorithms.iter().flat_map(|algorithm| Pair::of(keys, *algorithm).upkeep(policy, spread, now));
    let farewells = keys.iter().filter_map(|key| farewell(key, policy, now));
    let farewells = farewells.filter(|(at, _)| *at <= now).map(|(_, step)| step);
    let steps: Vec<_> = upkeep.chain(farewells).collect();
    let due = due_after(&steps, keys, policy, spread, now);
    Plan { steps, due }
}

/// The steps of a rotation that an operator asks for: of one algorithm or of all. Without `immediate` it is refused as
/// long as a verifier could miss the key that would sign.
pub fn rotation(
    keys: &[Key],
    policy: &KeyPolicy,
    algorithm: Option<Algorithm>,
    immediate: bool,
    now: Timestamp,
) -> Result<Vec<KeyStep>, RotationRefused> {
    let asked = match algorithm {
        None => policy.algorithms.clone(),
        Some(one) if policy.algorithms.contains(&one) => vec![one],
        Some(_) => return Err(RotationRefused::NoSuchAlgorithm),
    };
    let pairs: Vec<_> = asked.into_iter().map(|algorithm| Pair::of(keys, algorithm)).collect();
    let from = pairs.iter().map(|pair| pair.may_rotate_from(policy, now)).max().unwrap_or(now);
    if from > now && !immediate {
        return Err(RotationRefused::NotYet { from });
    }
    Ok(pairs.iter().flat_map(Pair::rotated).collect())
}

/// When the clock rotates next, of whichever algorithm is first. `None` while no pair of keys is complete.
#[must_use]
pub fn next_rotation(keys: &[Key], policy: &KeyPolicy, spread: u16) -> Option<Timestamp> {
    let pairs = policy.algorithms.iter().map(|algorithm| Pair::of(keys, *algorithm));
    let complete = pairs.filter_map(|pair| pair.active_since().zip(pair.standby_since()));
    complete.map(|(active, known)| rotation_at(policy, spread, active, known)).min()
}

/// When to plan again once `steps` are taken at `now`.
pub(crate) fn due_after(steps: &[KeyStep], keys: &[Key], policy: &KeyPolicy, spread: u16, now: Timestamp) -> Timestamp {
    let taken = |key: &Key| {
        let step = steps.iter().find(|step| step.moves() == Some(&key.id));
        step.and_then(|step| step.taken(key.clone(), now).ok()).unwrap_or_else(|| key.clone())
    };
    let after: Vec<Key> = keys.iter().map(taken).collect();
    let farewells = after.iter().filter_map(|key| farewell(key, policy, now)).map(|(at, _)| at);
    let rotations = policy.algorithms.iter().map(|algorithm| {
        let pair = Pair::of(&after, *algorithm);
        let made = |step: KeyStep| steps.contains(&step).then_some(now);
        let active_since = pair.active_since().or_else(|| made(KeyStep::CreateActive(*algorithm)));
        let announced = pair.standby_since().or_else(|| made(KeyStep::CreateStandby(*algorithm)));
        // A pair that stays incomplete is due at once.
        active_since.zip(announced).map_or(now, |(active, known)| rotation_at(policy, spread, active, known))
    });
    farewells.chain(rotations).min().unwrap_or(now + policy.period)
}

/// The hash of a tenant by which its rotations are moved, so that tenants made together do not rotate together.
#[must_use]
pub fn spread(tenant: TenantId) -> u16 {
    let digest = Digest::of("rotation-spread", tenant.uuid().as_bytes());
    u16::from_be_bytes([digest.bytes()[0], digest.bytes()[1]])
}

/// The two keys of one algorithm that matter to a rotation.
struct Pair<'a> {
    algorithm: Algorithm,
    active: Option<&'a Key>,
    standby: Option<&'a Key>,
}

impl<'a> Pair<'a> {
    fn of(keys: &'a [Key], algorithm: Algorithm) -> Self {
        let of_it = || keys.iter().filter(|key| key.algorithm == algorithm);
        let active = of_it().find(|key| matches!(key.state(), KeyState::Active { .. }));
        let standby = of_it().find(|key| matches!(key.state(), KeyState::Standby { .. }));
        Self { algorithm, active, standby }
    }

    fn active_since(&self) -> Option<Timestamp> {
        self.active.and_then(|key| key.state().activated_at())
    }

    fn standby_since(&self) -> Option<Timestamp> {
        self.standby.and_then(|key| key.state().announced_at())
    }

    /// What keeps the pair complete, and rotates it when its time has come.
    fn upkeep(&self, policy: &KeyPolicy, spread: u16, now: Timestamp) -> Vec<KeyStep> {
        match (self.active_since(), self.standby_since()) {
            (Some(active), Some(known)) if rotation_at(policy, spread, active, known) > now => Vec::new(),
            (Some(_), None) => vec![KeyStep::CreateStandby(self.algorithm)],
            (Some(_), Some(_)) | (None, _) => self.rotated(),
        }
    }

    /// The next key signs. Where nothing signs, nothing waits for a date.
    fn rotated(&self) -> Vec<KeyStep> {
        let next = self.standby.map_or(KeyStep::CreateActive(self.algorithm), |key| KeyStep::Activate(key.id.clone()));
        let last = self.active.map(|key| KeyStep::Deactivate(key.id.clone()));
        last.into_iter().chain([next, KeyStep::CreateStandby(self.algorithm)]).collect()
    }

    /// From when on a rotation leaves no verifier behind.
    fn may_rotate_from(&self, policy: &KeyPolicy, now: Timestamp) -> Timestamp {
        match (self.active, self.standby_since()) {
            (None, _) => now,
            (Some(_), Some(known)) => known + policy.announce,
            (Some(_), None) => now + policy.announce,
        }
    }
}

/// Both guards of a rotation: the active key has signed for T, the standby key was published for P.
fn rotation_at(policy: &KeyPolicy, spread: u16, active_since: Timestamp, announced: Timestamp) -> Timestamp {
    policy.rotation_due(active_since, spread).max(announced + policy.announce)
}

/// The next step on a key's way out, and when.
fn farewell(key: &Key, policy: &KeyPolicy, now: Timestamp) -> Option<(Timestamp, KeyStep)> {
    let id = || key.id.clone();
    let given_up = || !policy.algorithms.contains(&key.algorithm);
    match key.state() {
        KeyState::Standby { .. } => given_up().then(|| (now, KeyStep::Withdraw(id()))),
        KeyState::Active { .. } => given_up().then(|| (now, KeyStep::Deactivate(id()))),
        KeyState::Retiring { deactivated_at } => {
            let (destroy, retire) = (deactivated_at + policy.destroy_after(), deactivated_at + policy.retain);
            let first = key.private.is_some() && destroy < retire && now < retire;
            Some(if first { (destroy, KeyStep::DestroyPrivate(id())) } else { (retire, KeyStep::Retire(id())) })
        }
        KeyState::Tainted { deactivated_at } => Some((deactivated_at + policy.retain, KeyStep::Retire(id()))),
        KeyState::Retired { deactivated_at } => Some((deactivated_at + HINT_HORIZON, KeyStep::Purge(id()))),
        KeyState::Generated | KeyState::Purged | KeyState::Compromised { .. } => None,
    }
}
