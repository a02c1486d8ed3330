//! `DeleteTrustedIssuer`.

use chancery_proto::v1::DeleteTrustedIssuerRequest;

use super::{find::find, message, write};
use crate::{call::Call, context::Context, etag, name, reach, status::Refusal};

/// Removes a trusted issuer; what was given for its assertions stays.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteTrustedIssuerRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::trusted_issuer("name", &request.name)?;
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
