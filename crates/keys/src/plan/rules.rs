//! The rules that a plan is made by: the tenant's policy, the deployment's margins, and the tenant's place among
//! others.

use std::time::Duration;

use chancery_domain::{
    fault::Fault,
    id::TenantId,
    key_policy::{KeyPolicy, Margins, Rotation, UnsafePolicy},
    secret::Digest,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::timetable::Timetable;

/// How far behind a date of a time table a rotation may come.
const WINDOW: Duration = Duration::from_secs(3600);

/// A policy whose time tables have been read, with what else a plan needs.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The policy.
    pub policy: KeyPolicy,
    /// The margins.
    pub margins: Margins,
    /// Moves rotations of tenants apart; see [`spread`].
    pub spread: u16,
    pub(super) tables: Vec<(Algorithm, Timetable)>,
}

impl Rules {
    /// The rules by a policy that was checked when it was written.
    pub fn of(policy: KeyPolicy, margins: Margins, tenant: TenantId, now: Timestamp) -> Result<Self, Fault> {
        Self::read(policy, margins, spread(tenant), now)
            .map_err(|unsafety| Fault::broken("a stored key policy cannot be carried out", unsafety))
    }

    /// The same by a policy that somebody has just written down: refused if it could break a verifier.
    pub fn checked(
        policy: KeyPolicy,
        margins: Margins,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Self, UnsafePolicy> {
        let rules = Self::read(policy.checked(&margins)?, margins, spread(tenant), now)?;
        for (algorithm, table) in &rules.tables {
            let least = rules.policy.announce_of(*algorithm) + rules.policy.retain;
            table.clone().leaving(least, now).map_err(|what| rules.place(*algorithm, what))?;
        }
        Ok(rules)
    }

    fn read(policy: KeyPolicy, margins: Margins, spread: u16, now: Timestamp) -> Result<Self, UnsafePolicy> {
        let mut rules = Self { policy, margins, spread, tables: Vec::new() };
        for algorithm in rules.policy.algorithms.clone() {
            if let Rotation::At(table) = rules.policy.rotation_of(algorithm) {
                let table = Timetable::read(table, now).map_err(|what| rules.place(algorithm, what))?;
                rules.tables.push((algorithm, table));
            }
        }
        Ok(rules)
    }

    /// Says whether a fault stands in the policy's own table or in that of a rule.
    fn place(&self, algorithm: Algorithm, what: chancery_domain::key_policy::Unsafety) -> UnsafePolicy {
        let own = self.policy.rule(algorithm).is_some_and(|rule| rule.rotation.is_some());
        UnsafePolicy { rule: own.then_some(algorithm), what }
    }

    /// The time table of an algorithm, where it has one.
    #[must_use]
    pub fn table(&self, algorithm: Algorithm) -> Option<&Timetable> {
        self.tables.iter().find(|(of, _)| *of == algorithm).map(|(_, table)| table)
    }

    /// When a key that signs since `active_since` is to be replaced by one that every verifier knows from `known` on.
    /// A period is moved by up to the jitter to either side; a date of a time table to behind it by up to twice that, and
    /// never by more than an hour: who writes down a date means it.
    /// The tenant's place decides, so that tenants made together do not rotate together.
    pub(super) fn rotation_at(&self, algorithm: Algorithm, active_since: Timestamp, known: Timestamp) -> Timestamp {
        let jitter = u32::from(self.policy.jitter_of(algorithm));
        self.turn(self.policy.rotation_of(algorithm), self.table(algorithm), jitter, active_since, known)
    }

    /// When what is in use since that moment, and is no signing key, is to be replaced: by the policy without its rules.
    pub(crate) fn turn_after(&self, since: Timestamp) -> Timestamp {
        let (rotation, jitter) = (&self.policy.rotation, u32::from(self.policy.jitter_percent));
        let table = match rotation {
            Rotation::Every(_) => None,
            Rotation::At(table) => Timetable::read(table, since).ok(),
        };
        self.turn(rotation, table.as_ref(), jitter, since, since)
    }

    fn turn(
        &self,
        rotation: &Rotation,
        table: Option<&Timetable>,
        jitter: u32,
        active_since: Timestamp,
        known: Timestamp,
    ) -> Timestamp {
        match (rotation, table) {
            (Rotation::Every(period), _) => {
                let earliest = active_since + *period - *period * jitter / 100;
                (earliest + self.moved(*period, jitter)).max(known)
            }
            (Rotation::At(_), Some(table)) => {
                // The first date that the standby key is ready for; dates of before are missed.
                let ready = active_since.max(known - Duration::from_millis(1));
                let Some(date) = table.next_after(ready) else { return Timestamp::from_millis(i64::MAX) };
                let gap = table.next_after(date).map_or(Duration::ZERO, |next| next.since(date));
                date + self.moved(gap, jitter).min(self.share(WINDOW))
            }
            // A table is read before it is stored.
            (Rotation::At(_), None) => Timestamp::from_millis(i64::MAX),
        }
    }

    /// Twice the jitter of a span, by this tenant's place.
    fn moved(&self, span: Duration, jitter: u32) -> Duration {
        self.share(span * 2 * jitter / 100)
    }

    /// The part of a span by this tenant's place.
    fn share(&self, span: Duration) -> Duration {
        let part = span.as_millis() * u128::from(self.spread) / u128::from(u16::MAX);
        Duration::from_millis(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

/// The place of a tenant among others: a hash, so that tenants made together do not rotate together.
#[must_use]
pub fn spread(tenant: TenantId) -> u16 {
    let digest = Digest::of("rotation-spread", tenant.uuid().as_bytes());
    u16::from_be_bytes([digest.bytes()[0], digest.bytes()[1]])
}
