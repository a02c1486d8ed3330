//! `UpdateTrustedIssuer`.

use chancery_proto::v1::{self, UpdateTrustedIssuerRequest};

use super::{FIELDS, find::find, message, metadata, write};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes anything but the issuer.
pub(super) async fn update(
    cx: &Context,
    call: &Call,
    request: UpdateTrustedIssuerRequest,
) -> Result<v1::TrustedIssuer, Refusal> {
    let now = cx.clock.now();
    let sent = request.trusted_issuer.unwrap_or_default();
    let (tenant, id) = name::trusted_issuer("trusted_issuer.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "trusted_issuer", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let issuer = message::read(&wanted, stored.clone(), &*cx.uris)?;
    metadata::check(cx, reached.tenant.id, Some(&stored), &issuer).await?;

    let tx = reached.begin().await?;
    let version = write::update(reached.writing(&*tx, now), &issuer).await?;
    let answer = message::of_written(&tenant, issuer, version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
