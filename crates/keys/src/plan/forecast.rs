//! The forecast: what becomes of a tenant's keys if nobody changes anything. The plan itself, carried out in thought at
//! each moment at which something is due.

use chancery_domain::{id::KeyId, key::Key, time::Timestamp};

use super::{Rules, after, plan};
use crate::step::KeyStep;

/// How many moments are looked at: enough for years of the shortest safe policy, and an end to the shortest of all.
const MOMENTS: usize = 2000;

/// What will be.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Each step with its moment and its key as it is then, in order.
    pub moves: Vec<Move>,
    /// Every key as it is at the end. Those that are not made yet have a name for now only: see [`is_future`].
    pub keys: Vec<Key>,
    /// Until when it holds: shorter than asked for where keys change so often that this is far away.
    pub until: Timestamp,
}

/// A step that will be taken.
#[derive(Clone, Debug)]
pub struct Move {
    /// When.
    pub at: Timestamp,
    /// The step.
    pub step: KeyStep,
    /// Its key, once it is taken.
    pub key: Key,
}

/// What will be done with these keys by these rules from `now` until `until`, both included.
#[must_use]
pub fn forecast(keys: &[Key], rules: &Rules, now: Timestamp, until: Timestamp) -> Forecast {
    run(keys, rules, now, until, |_| true)
}

/// The next moments at which a standby key takes over, of whichever algorithm; as many as asked for, if they come
/// within ten years.
#[must_use]
pub fn next_rotations(keys: &[Key], rules: &Rules, now: Timestamp, count: usize) -> Vec<Timestamp> {
    let mut found: Vec<Timestamp> = Vec::new();
    run(keys, rules, now, now + super::FAR, |moves| {
        found.extend(moves.iter().filter(|one| matches!(one.step, KeyStep::Activate(_))).map(|one| one.at).take(1));
        found.len() < count
    });
    found
}

/// Whether a key of a forecast is one that is not made yet.
#[must_use]
pub fn is_future(id: &KeyId) -> bool {
    id.as_str().starts_with(FUTURE)
}

/// No real key is called so: their ids are longer and made of chance.
const FUTURE: &str = "future-";

/// Goes from moment to moment until the end, or until `on` has heard enough.
fn run(keys: &[Key], rules: &Rules, now: Timestamp, until: Timestamp, mut on: impl FnMut(&[Move]) -> bool) -> Forecast {
    let (mut keys, mut moves, mut at) = (keys.to_vec(), Vec::new(), now);
    let mut made = 0_usize;
    for _ in 0..MOMENTS {
        if at > until {
            return Forecast { moves, keys, until };
        }
        let planned = plan(&keys, rules, at);
        let mut next = after(&planned.steps, &keys, rules, at);
        for key in next.iter_mut().skip(keys.len()) {
            made += 1;
            key.id = format!("{FUTURE}{made}").parse().unwrap_or_else(|_| key.id.clone());
        }
        let from = moves.len();
        let mut fresh = next.iter().skip(keys.len());
        for step in &planned.steps {
            let key = match step.moves() {
                Some(id) => next.iter().find(|key| key.id == *id),
                None => fresh.next(),
            };
            moves.extend(key.map(|key| Move { at, step: step.clone(), key: key.clone() }));
        }
        keys = next;
        if !on(&moves[from..]) || (planned.steps.is_empty() && planned.due <= at) {
            break;
        }
        at = planned.due.max(at);
    }
    Forecast { moves, keys, until: at.min(until) }
}
