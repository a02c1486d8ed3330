//! The change feed in memory: what a commit makes of the rows, told from the first question on.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use chancery_domain::{
    change::{Change, ChangeKind, Noun, Place},
    fault::FeedError,
    id::TenantId,
    time::Timestamp,
};
use tokio::sync::Notify;

use super::{Fenced, MemoryTx, Rows, locked};

/// The feed, once somebody has asked for it.
#[derive(Clone, Default)]
pub(super) struct Feed {
    is_followed: bool,
    changes: Vec<Change>,
}

impl Feed {
    pub(super) fn lose_last(&mut self) {
        self.changes.pop();
    }
}

/// Tells whoever waits for a change.
pub(super) type Bell = Arc<Notify>;

/// Everything that changes, by what the feed calls it, as text in which any difference shows.
fn things(rows: &Rows) -> BTreeMap<(Option<TenantId>, Noun, String), String> {
    let mut things = BTreeMap::new();
    rows.platform.things(&mut things);
    for (tenant, nouns) in &rows.nouns {
        nouns.things(*tenant, &mut things);
    }
    for (tenant, keys) in &rows.tenants {
        for key in &keys.keys {
            things.insert((Some(*tenant), Noun::Key, key.id.to_string()), format!("{key:?}"));
        }
        if let Some(policy) = &keys.policy {
            things.insert((Some(*tenant), Noun::KeyPolicy, tenant.to_string()), format!("{policy:?}"));
        }
    }
    things
}

impl MemoryTx {
    /// Appends to `after` what it does to `before`.
    pub(super) fn tell(&self, before: &Rows, after: &mut Rows) {
        if !before.feed.is_followed {
            return;
        }
        // What was told while this transaction was open stays.
        after.feed = before.feed.clone();
        let at = self.rows.time.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let at = at.map_or(Timestamp::from_millis(0), |clock| clock.now());
        let (old, new) = (things(before), things(after));
        let mut tell = |(tenant, noun, id): &(Option<TenantId>, Noun, String), kind| {
            let sequence = i64::try_from(after.feed.changes.len()).unwrap_or(i64::MAX) + 1;
            let (tenant, noun, id, kind) = (*tenant, Some(*noun), id.clone(), Some(kind));
            after.feed.changes.push(Change { place: Place { sequence, at }, tenant, kind, noun, id });
        };
        for (thing, text) in &new {
            match old.get(thing) {
                None => tell(thing, ChangeKind::Created),
                Some(there) if there != text => tell(thing, ChangeKind::Updated),
                Some(_) => {}
            }
        }
        old.keys().filter(|thing| !new.contains_key(*thing)).for_each(|thing| tell(thing, ChangeKind::Deleted));
    }
}

impl Fenced {
    pub(super) fn changes_behind(
        &self,
        tenant: Option<TenantId>,
        place: Place,
        limit: u32,
    ) -> Result<Vec<Change>, FeedError> {
        let rows = locked(&self.rows);
        if place != Place::START && rows.feed.changes.iter().all(|change| change.place != place) {
            return Err(FeedError::Lost);
        }
        let told = rows.feed.changes.iter().filter(|change| change.place.sequence > place.sequence);
        let told = told.filter(|change| tenant.is_none() || change.tenant == tenant);
        Ok(told.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    pub(super) fn end_of_feed(&self) -> Place {
        let mut rows = locked(&self.rows);
        rows.feed.is_followed = true;
        rows.feed.changes.last().map_or(Place::START, |change| change.place)
    }
}
