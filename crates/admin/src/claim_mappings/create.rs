//! `CreateClaimMapping`.

use chancery_domain::fault::WriteError;
use chancery_proto::v1::{self, CreateClaimMappingRequest};

use super::{fit, message, write};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, text};

/// Adds a claim mapping.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateClaimMappingRequest,
) -> Result<v1::ClaimMapping, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &CreateClaimMappingRequest) -> Result<v1::ClaimMapping, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let slug = text::read("claim_mapping_id", &request.claim_mapping_id)?;
    let sent = request.claim_mapping.clone().unwrap_or_default();
    let mapping = fit::read(&fit::beside(reached, &sent).await?, slug, &sent, now)?;
    let answer = message::of(&reached.tenant.slug, &mapping);
    let about = |error: WriteError| Refusal::from(error).about("ClaimMapping", &answer.name);
    fit::admit(&reached.tenant.slug, &mapping, reached.read().claim_mappings().all().await?.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    write::insert(to, &mapping).await.map_err(about)?;
    errand.commit(tx, answer, now).await
}
