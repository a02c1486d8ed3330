//! `RevokeGrant`.

use chancery_domain::{audit::Action, change::Noun, grant::RevocationReason, id::GrantId};
use chancery_proto::v1::{Grant, RevokeGrantRequest};

use super::{find::find, message};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal};

/// Takes a grant back, with every token that hangs on it.
pub(super) async fn revoke(cx: &Context, call: &Call, request: RevokeGrantRequest) -> Result<Grant, Refusal> {
    let (tenant, id) = name::grant("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, id, request.validate_only)).await
}

async fn work(errand: &Errand<'_>, id: GrantId, trial: bool) -> Result<Grant, Refusal> {
    let reached = &errand.reached;
    let (now, reason) = (reached.cx.clock.now(), RevocationReason::ByAdmin);
    let mut listed = find(reached, id).await?;
    listed.grant.revoked.get_or_insert((now, reason));
    let answer = message::of(&reached.tenant.slug, &listed, now);
    if trial {
        return Ok(answer);
    }
    let tx = reached.begin().await?;
    if tx.grants().revoke(id, reason, now).await? {
        let event = reached.event(now, Action::GrantRevoked).about(Noun::Grant, &id);
        tx.audit(event.because(reason.label())).await?;
    }
    errand.commit(tx, answer, now).await
}
