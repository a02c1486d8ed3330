//! `UpdateResource`.

use chancery_proto::v1::{self, UpdateResourceRequest};

use super::{FIELDS, find::find, fit, message, write};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes anything but the identifier.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateResourceRequest) -> Result<v1::Resource, Refusal> {
    let now = cx.clock.now();
    let sent = request.resource.unwrap_or_default();
    let (tenant, id) = name::resource("resource.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "resource", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let resource = message::read(&wanted, stored)?;
    let resource = fit::checked(&reached, resource, &reached.read().resources().all().await?).await?;

    let tx = reached.begin().await?;
    let version = write::update(reached.writing(&*tx, now), &resource).await?;
    let answer = message::of_written(&tenant, resource, version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
