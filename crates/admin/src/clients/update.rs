//! `UpdateClient`.

use chancery_proto::v1::{self, UpdateClientRequest};

use super::{FIELDS, draft, find::find, message, write};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes a client.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateClientRequest) -> Result<v1::Client, Refusal> {
    let now = cx.clock.now();
    let sent = request.client.unwrap_or_default();
    let (tenant, id) = name::client("client.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "client", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let policy = reached.read().keys().policy().await?;
    let client = draft::changed(cx, &wanted, &stored, (&reached.tenant, &policy))?;

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    let version = write::update(to, &stored, &client).await?;
    let answer = message::of_written(&tenant, client, version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
