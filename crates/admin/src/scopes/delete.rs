//! `DeleteScope`.

use chancery_proto::v1::DeleteScopeRequest;

use super::{draft, find::find_own, message, write};
use crate::{call::Call, context::Context, etag, name, reach, status::Refusal};

/// Removes a scope.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteScopeRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::scope("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find_own(&reached, id).await?;
    etag::check(&request.etag, &message::etag(&stored))?;
    draft::let_go(&tenant, &stored, reached.read().resources().all().await?.iter())?;
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    write::delete(reached.writing(&*tx, now), &stored).await?;
    Ok(tx.commit().await?)
}
