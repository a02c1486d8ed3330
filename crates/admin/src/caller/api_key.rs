//! An API key.

use chancery_domain::{
    id::AdminKeyId, principal::Principal, secret::OpaqueToken, source_range::SourceRange, time::Timestamp,
};

use super::{Authenticated, Known};
use crate::{
    context::Context,
    listener::Peer,
    status::{Reason, Refusal},
};

/// Whose the key is. One of a tenant is good for that tenant alone; one that is used from where it may not be looks like
/// one that there is not.
pub(super) async fn find(cx: &Context, key: &OpaqueToken, peer: Option<&Peer>) -> Result<Known, Refusal> {
    let found = cx.platform.read().admin_keys().find_by_digest(&key.digest()).await?;
    let comes_from = |ranges: &[SourceRange]| match peer {
        Some(peer) => SourceRange::allow(ranges, peer.address),
        None => ranges.is_empty(),
    };
    match found {
        Some(key) if key.is_live(cx.clock.now()) && comes_from(&key.source_ranges) => Ok(Known {
            principal: Principal::ApiKey(key.id),
            authenticated: Authenticated::ApiKey,
            within: key.reach,
            key: Some(key),
            born: None,
            until: None,
            token: None,
        }),
        Some(_) | None => Err(refused()),
    }
}

/// Refuses a key that is no longer good.
pub(super) async fn recheck(cx: &Context, id: AdminKeyId, now: Timestamp) -> Result<(), Refusal> {
    match cx.platform.read().admin_keys().find(id).await? {
        Some(key) if key.is_live(now) => Ok(()),
        Some(_) | None => Err(refused()),
    }
}

/// The refusal of every key that opens nothing.
pub(super) fn refused() -> Refusal {
    Refusal::new(Reason::ApiKeyInvalid, "this API key is not accepted")
}
