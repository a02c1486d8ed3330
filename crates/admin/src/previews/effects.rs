//! Effects as messages.

use std::collections::BTreeSet;

use chancery_domain::{
    ports::impact::{COUNTED_AT_MOST, Impact, SAMPLES, Standing, Tally},
    tenant::Tenant,
    time::Timestamp,
};
use chancery_proto::v1::preview::{Effect, effect::Kind};

use crate::name;

/// The moments that decide what still holds in that tenant.
pub(super) fn standing(tenant: &Tenant, now: Timestamp) -> Standing {
    Standing { now, idle_since: now - tenant.settings.session_idle_ttl }
}

/// So many of that kind; nothing where there are none.
pub(super) fn counted(kind: Kind, count: u64) -> Option<Effect> {
    named(kind, count, Vec::new())
}

/// The same with some of them by name.
pub(super) fn named(kind: Kind, count: u64, samples: Vec<String>) -> Option<Effect> {
    let more = count > COUNTED_AT_MOST;
    let count = i64::try_from(count.min(COUNTED_AT_MOST)).unwrap_or(i64::MAX);
    (count > 0).then(|| Effect { kind: kind.into(), count, more, samples, until_time: None })
}

/// All of these, some of them by name.
pub(super) fn names(kind: Kind, names: BTreeSet<String>) -> Option<Effect> {
    named(kind, names.len() as u64, names.into_iter().take(SAMPLES).collect())
}

/// What holds and would not.
pub(super) fn of_impact(tenant: &Tenant, impact: Impact) -> Vec<Effect> {
    let within = |kind, collection, Tally { count, samples }| {
        let names = samples.iter().map(|id| name::within(&tenant.slug, collection, id)).collect();
        named(kind, count, names)
    };
    let effects = [
        within(Kind::Clients, "clients", impact.clients),
        within(Kind::Users, "users", impact.users),
        counted(Kind::Sessions, impact.sessions),
        counted(Kind::Grants, impact.grants),
        counted(Kind::RefreshFamilies, impact.families),
    ];
    effects.into_iter().flatten().collect()
}
