//! `UpdateScope`.

use chancery_domain::scope::Scope;
use chancery_proto::v1::{self, UpdateScopeRequest};

use super::{FIELDS, find::find_own, message, write};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes description or claims.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateScopeRequest) -> Result<v1::Scope, Refusal> {
    let now = cx.clock.now();
    let sent = request.scope.unwrap_or_default();
    let (tenant, id) = name::scope("scope.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find_own(&reached, id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "scope", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let scope = message::read(wanted, stored)?;

    let tx = reached.begin().await?;
    let version = write::update(reached.writing(&*tx, now), &scope).await?;
    let answer = message::of(&tenant, &Scope { version, updated_at: now, ..scope });
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
