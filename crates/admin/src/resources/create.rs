//! `CreateResource`.

use chancery_domain::{fault::WriteError, id::ResourceSlug};
use chancery_proto::v1::{self, CreateResourceRequest};

use super::{draft, fit, message, write};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
    writing::Writing,
};

/// Adds a resource.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateResourceRequest) -> Result<v1::Resource, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateResourceRequest,
) -> Result<v1::Resource, Refusal> {
    let now = cx.clock.now();
    let id = request.resource_id.parse();
    let slug: ResourceSlug = id.map_err(|malformed| Refusal::malformed("resource_id", &malformed))?;
    let sent = request.resource.clone().unwrap_or_default();
    let resource = draft::fresh(cx, &reached.tenant, &sent, slug, now)?;
    let others = reached.read().resources().all().await?;
    let resource = fit::checked(reached, resource, &others).await?;
    let answer = message::of(&reached.tenant.slug, &resource);
    let about = |error: WriteError| Refusal::from(error).about("Resource", &answer.name);
    draft::admit(&reached.tenant.slug, &resource, others.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = Writing { cx, call, rows: &*tx, tenant: reached.tenant.id, now };
    write::insert(to, &resource).await.map_err(about)?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
