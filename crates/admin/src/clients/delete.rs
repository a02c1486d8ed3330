//! `DeleteClient`.

use chancery_domain::principal::Principal;
use chancery_proto::v1::DeleteClientRequest;

use super::{find::find, message, write};
use crate::{call::Call, context::Context, etag, last_owner, name, previews, reach, status::Refusal};

/// Removes a client, its secrets and its grants.
pub(crate) async fn delete(cx: &Context, call: &Call, request: DeleteClientRequest) -> Result<(), Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let (tenant, id) = name::client("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    let tx = cx.platform.begin().await?;
    if reached.is_system() {
        last_owner::keep_without(cx, &*tx, &request.name, &Principal::Client(id), now).await?;
    }
    if request.validate_only {
        return Ok(());
    }
    let rows = tx.of(reached.tenant.id);
    write::delete(reached.writing(&*rows, now), &stored).await?;
    drop(rows);
    Ok(tx.commit().await?)
}
