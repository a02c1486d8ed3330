//! `DeleteClient`.

use chancery_proto::v1::DeleteClientRequest;

use super::{find::find, message, write};
use crate::{call::Call, context::Context, etag, name, previews, reach, status::Refusal};

/// Removes a client, its secrets and its grants.
pub(crate) async fn delete(cx: &Context, call: &Call, request: DeleteClientRequest) -> Result<(), Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let (tenant, id) = name::client("name", &request.name)?;
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
