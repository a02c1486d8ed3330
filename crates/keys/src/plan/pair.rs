//! The two keys of one algorithm that matter to a rotation.

use chancery_domain::{key::Key, time::Timestamp, vocabulary::Algorithm};

use super::Rules;
use crate::step::KeyStep;

/// The active and the standby key of one algorithm, as far as they are there.
pub(super) struct Pair<'a> {
    algorithm: Algorithm,
    active: Option<&'a Key>,
    standby: Option<&'a Key>,
}

impl<'a> Pair<'a> {
    pub(super) fn of(keys: &'a [Key], algorithm: Algorithm) -> Self {
        let of_it = || keys.iter().filter(|key| key.algorithm == algorithm);
        Self { algorithm, active: of_it().find(|key| key.is_active()), standby: of_it().find(|key| key.is_standby()) }
    }

    pub(super) fn active_since(&self) -> Option<Timestamp> {
        self.active.and_then(Key::activated_at)
    }

    fn announced(&self) -> Option<Timestamp> {
        self.standby.and_then(Key::announced_at)
    }

    /// When the clock rotates the pair: the active key's time is over, and every verifier knows the standby key. `None`
    /// while the pair is not complete.
    pub(super) fn rotation_at(&self, rules: &Rules) -> Option<Timestamp> {
        let known = self.announced()? + rules.policy.announce_of(self.algorithm);
        Some(rules.rotation_at(self.algorithm, self.active_since()?, known))
    }

    /// When there is something to do with the pair. `None` when that is at once.
    pub(super) fn next_at(&self, keys: &[Key], rules: &Rules) -> Option<Timestamp> {
        if self.active.is_none() && nothing_signs(keys) {
            return None;
        }
        self.rotation_at(rules).or_else(|| {
            let first = self.announced().filter(|_| self.active.is_none())?;
            Some(first + rules.policy.announce_of(self.algorithm))
        })
    }

    /// What keeps the pair complete, and rotates it when its time has come. Where nothing signs at all, nothing waits
    /// for a date: a tenant that cannot sign is worse off than a verifier that reads once more.
    pub(super) fn upkeep(&self, keys: &[Key], rules: &Rules, now: Timestamp) -> Vec<KeyStep> {
        // Before its time is known to count, a standby key waits for its second look.
        let unsettled = self.standby.is_some_and(|key| !key.is_settled());
        match self.next_at(keys, rules) {
            Some(later) if later > now || unsettled => Vec::new(),
            Some(_) => self.rotated(),
            None if nothing_signs(keys) => self.rotated(),
            None => vec![KeyStep::CreateStandby(self.algorithm)],
        }
    }

    /// The next key signs, and a new one is announced.
    pub(super) fn rotated(&self) -> Vec<KeyStep> {
        let next = self.standby.map_or(KeyStep::CreateActive(self.algorithm), |key| KeyStep::Activate(key.id.clone()));
        let last = self.active.map(|key| KeyStep::Deactivate(key.id.clone()));
        last.into_iter().chain([next, KeyStep::CreateStandby(self.algorithm)]).collect()
    }

    /// From when on a rotation leaves no verifier behind.
    pub(super) fn may_rotate_from(&self, rules: &Rules, now: Timestamp) -> Timestamp {
        let settled = self.standby.filter(|key| key.is_settled()).and_then(Key::announced_at);
        settled.unwrap_or(now) + rules.policy.announce_of(self.algorithm)
    }
}

/// Whether the tenant has no active key of any algorithm.
fn nothing_signs(keys: &[Key]) -> bool {
    !keys.iter().any(Key::is_active)
}
