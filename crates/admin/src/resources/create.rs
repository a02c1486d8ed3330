//! `CreateResource`.

use chancery_domain::fault::WriteError;
use chancery_proto::v1::{self, CreateResourceRequest};

use super::{draft, fit, message, write};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, text};

/// Adds a resource.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateResourceRequest) -> Result<v1::Resource, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &CreateResourceRequest) -> Result<v1::Resource, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let slug = text::read("resource_id", &request.resource_id)?;
    let sent = request.resource.clone().unwrap_or_default();
    let resource = draft::fresh(reached.cx, &reached.tenant, &sent, slug, now)?;
    let others = reached.read().resources().all().await?;
    let resource = fit::checked(reached, resource, &others).await?;
    let answer = message::of(&reached.tenant.slug, &resource);
    let about = |error: WriteError| Refusal::from(error).about("Resource", &answer.name);
    draft::admit(&reached.tenant.slug, &resource, others.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    write::insert(to, &resource).await.map_err(about)?;
    errand.commit(tx, answer, now).await
}
