//! `UpdateClaimMapping`.

use chancery_proto::v1::{self, UpdateClaimMappingRequest};

use super::{FIELDS, find::find, fit, message, write};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes any of it.
pub(super) async fn update(
    cx: &Context,
    call: &Call,
    request: UpdateClaimMappingRequest,
) -> Result<v1::ClaimMapping, Refusal> {
    let now = cx.clock.now();
    let sent = request.claim_mapping.unwrap_or_default();
    let (tenant, id) = name::claim_mapping("claim_mapping.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "claim_mapping", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let mapping = fit::changed(&fit::beside(&reached, &wanted).await?, stored, &wanted)?;

    let tx = reached.begin().await?;
    let version = write::update(reached.writing(&*tx, now), &mapping).await?;
    let answer = message::of_written(&tenant, mapping, version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
