//! `DeleteResource`.

use chancery_proto::v1::DeleteResourceRequest;

use super::{find::find, message, write};
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
    write::delete(reached.writing(&*tx, now), &stored).await?;
    Ok(tx.commit().await?)
}
