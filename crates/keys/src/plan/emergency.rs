//! The plan of an emergency: which keys go, and what signs in their place. Pure, so that it can be shown before it is
//! done.

use chancery_domain::{id::KeyId, key::Key, time::Timestamp, vocabulary::Algorithm};

use super::Rules;
use crate::step::KeyStep;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// A suspicion: the key signs no more, and what it signed is still believed.
    Tainted,
    /// Others have it: what it signed is believed no more.
    Compromised,
}

/// Which keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One key.
    Key(KeyId),
    /// Every key that has signed before a certain time, of one algorithm or of all.
    Signed {
        /// Of that algorithm alone.
        algorithm: Option<Algorithm>,
        /// Keys that sign since then are left alone, so that an order can be repeated without harm to those that took
        /// over. Where the standby keys go too, those that were made since then.
        made_before: Timestamp,
        /// The standby keys too: where the master key may be known to others, they are no better.
        with_standby: bool,
    },
}

/// What an operator orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// How bad it is.
    pub severity: Severity,
    /// Which keys.
    pub target: Target,
    /// Where no announced key is left to take over, make one that no verifier knows yet.
    pub unannounced: bool,
}

/// Why an order is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmRefused {
    /// There is no such key.
    NotFound,
    /// The key is beyond this already.
    TooLate {
        /// Where it stands.
        state: &'static str,
    },
    /// Nothing would be left to sign with that verifiers know.
    LastKey {
        /// Of this algorithm.
        algorithm: Algorithm,
    },
}

/// The steps of an emergency. An order about many keys that finds none has no steps.
pub fn emergency(keys: &[Key], rules: &Rules, alarm: &Alarm, now: Timestamp) -> Result<Vec<KeyStep>, AlarmRefused> {
    let going: Vec<&Key> = keys.iter().filter(|key| alarm.meets(key, rules, now)).collect();
    if let (Target::Key(id), true) = (&alarm.target, going.is_empty()) {
        let state = keys.iter().find(|key| key.id == *id).map(|key| key.state().label());
        return Err(state.map_or(AlarmRefused::NotFound, |state| AlarmRefused::TooLate { state }));
    }
    let gone = going.iter().map(|key| match alarm.severity {
        Severity::Tainted => KeyStep::Taint(key.id.clone()),
        Severity::Compromised => KeyStep::Compromise(key.id.clone()),
    });
    let mut steps: Vec<_> = gone.collect();
    let mut algorithms: Vec<_> = going.iter().map(|key| key.algorithm).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    for algorithm in algorithms {
        let of_it = |wanted: fn(&Key) -> bool| move |key: &&Key| key.algorithm == algorithm && wanted(key);
        let loses = |wanted: fn(&Key) -> bool| going.iter().copied().any(|key| of_it(wanted)(&key));
        let stays = |key: &&Key| going.iter().all(|gone| gone.id != key.id);
        let standby = keys.iter().filter(stays).find(of_it(Key::is_standby));
        let kept = rules.policy.keeps(algorithm, keys);
        if loses(Key::is_active) && kept {
            match standby {
                Some(next) => steps.push(KeyStep::Activate(next.id.clone())),
                None if alarm.unannounced => steps.push(KeyStep::CreateActive(algorithm)),
                None => return Err(AlarmRefused::LastKey { algorithm }),
            }
        }
        if (loses(Key::is_active) || loses(Key::is_standby)) && rules.policy.algorithms.contains(&algorithm) {
            steps.push(KeyStep::CreateStandby(algorithm));
        }
    }
    Ok(steps)
}

impl Alarm {
    /// Whether the key goes.
    fn meets(&self, key: &Key, rules: &Rules, now: Timestamp) -> bool {
        let possible = match self.severity {
            Severity::Tainted => key.clone().taint(&rules.margins, now).is_ok(),
            Severity::Compromised => key.clone().compromise(now).is_ok(),
        };
        let meant = match &self.target {
            Target::Key(id) => key.id == *id,
            Target::Signed { algorithm, made_before, with_standby } => {
                let since = key.activated_at().filter(|_| !with_standby).unwrap_or(key.created_at);
                algorithm.is_none_or(|one| key.algorithm == one)
                    && since < *made_before
                    && (*with_standby || !key.is_standby())
            }
        };
        possible && meant
    }
}
