//! `DeleteResource`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteResourceRequest;

use super::{find::find, message};
use crate::{call::Call, context::Context, etag, name, reach, status::Refusal};

/// Removes a resource; its scopes belong to nobody from then on.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteResourceRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::resource("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    tx.resources().delete(&stored.slug, stored.version).await?;
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Deleted).about(Noun::Resource, &stored.slug)).await?;
    Ok(tx.commit().await?)
}
