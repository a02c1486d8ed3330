//! `RevokeGrant`.

use chancery_domain::{audit::Action, change::Noun, grant::RevocationReason, id::GrantId};
use chancery_proto::v1::{Grant, RevokeGrantRequest};

use super::{find::find, message};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Takes a grant back, with every token that hangs on it.
pub(super) async fn revoke(cx: &Context, call: &Call, request: RevokeGrantRequest) -> Result<Grant, Refusal> {
    let (tenant, id) = name::grant("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
    let work = work(cx, call, &reached, named.as_ref(), id, request.validate_only);
    once(named.as_ref(), Ledger::Tenant(&reached), work).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    id: GrantId,
    trial: bool,
) -> Result<Grant, Refusal> {
    let (now, reason) = (cx.clock.now(), RevocationReason::ByAdmin);
    let mut listed = find(reached, id).await?;
    listed.grant.revoked.get_or_insert((now, reason));
    let answer = message::of(&reached.tenant.slug, &listed, now);
    if trial {
        return Ok(answer);
    }
    let tx = reached.begin().await?;
    if tx.grants().revoke(id, reason, now).await? {
        let event = call.event(Some(reached.tenant.id), now, Action::GrantRevoked).about(Noun::Grant, &id);
        tx.audit(event.because(reason.label())).await?;
    }
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
