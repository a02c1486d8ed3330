//! `DeleteScope`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteScopeRequest;

use super::{find::find_own, message};
use crate::{
    call::Call,
    context::Context,
    etag, name, reach,
    status::{Reason, Refusal},
};

/// Removes a scope.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteScopeRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::scope("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find_own(&reached, id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    let resources = reached.read().resources().all().await?;
    if let Some(owner) = resources.iter().find(|resource| resource.scopes.contains(stored.value.as_str())) {
        let belongs = "belongs to a resource: take it from there first";
        let refusal = Refusal::precondition(Reason::ScopeInUse, &request.name, belongs);
        return Err(refusal.with("resource", name::within(&tenant, "resources", &owner.slug)));
    }
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    tx.scopes().delete(&stored.slug, stored.version).await?;
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Deleted).about(Noun::Scope, &stored.slug)).await?;
    Ok(tx.commit().await?)
}
