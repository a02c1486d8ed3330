//! `UpdateResource`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_keys::promise;
use chancery_proto::v1::{self, UpdateResourceRequest};

use super::{FIELDS, find::find, fit, message};
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
    let version = tx.resources().update(&resource, now).await?;
    if let Some(life) = resource.access_token_ttl {
        // Before the first token of a longer life can leave, the keys know of it.
        promise::raise(&*tx, life, &cx.keys.margins, now).await?;
    }
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Updated).about(Noun::Resource, &resource.slug)).await?;
    tx.commit().await?;
    Ok(message::of_written(&tenant, resource, version, now))
}
