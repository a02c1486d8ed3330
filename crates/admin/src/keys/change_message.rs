//! What will happen to keys, as message.

use chancery_domain::id::TenantSlug;
use chancery_keys::{
    plan::{self, Move},
    step::KeyStep,
};
use chancery_proto::v1::{KeyChange, key_change::Kind};

use crate::{name, span};

/// A step of a forecast. A new key that signs at once is announced and activated: two changes.
pub(super) fn of(tenant: &TenantSlug, one: &Move) -> Vec<KeyChange> {
    let change = |kind: Kind| KeyChange {
        time: Some(span::moment(one.at)),
        kind: kind.into(),
        key: if plan::is_future(&one.key.id) { String::new() } else { name::within(tenant, "keys", &one.key.id) },
        algorithm: one.key.algorithm.to_string(),
    };
    match one.step {
        KeyStep::CreateActive(_) => vec![change(Kind::Announced), change(Kind::Activated)],
        KeyStep::CreateStandby(_) | KeyStep::ImportStandby(..) | KeyStep::ImportVerifier(..) => {
            vec![change(Kind::Announced)]
        }
        KeyStep::Activate(_) => vec![change(Kind::Activated)],
        KeyStep::Deactivate(_) | KeyStep::Taint(_) => vec![change(Kind::Deactivated)],
        KeyStep::Withdraw(_) => vec![change(Kind::Withdrawn)],
        // A second look, of which nobody needs to know.
        KeyStep::Settle(_) => Vec::new(),
        KeyStep::DestroyPrivate(_) => vec![change(Kind::Destroyed)],
        KeyStep::Retire(_) | KeyStep::Compromise(_) => vec![change(Kind::Retired)],
        KeyStep::Purge(_) => vec![change(Kind::Purged)],
    }
}
