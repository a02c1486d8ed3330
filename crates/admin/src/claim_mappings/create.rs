//! `CreateClaimMapping`.

use chancery_domain::{fault::WriteError, id::ClaimMappingSlug};
use chancery_proto::v1::{self, CreateClaimMappingRequest};

use super::{fit, message, write};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
    writing::Writing,
};

/// Adds a claim mapping.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateClaimMappingRequest,
) -> Result<v1::ClaimMapping, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateClaimMappingRequest,
) -> Result<v1::ClaimMapping, Refusal> {
    let now = cx.clock.now();
    let id = request.claim_mapping_id.parse();
    let slug: ClaimMappingSlug = id.map_err(|malformed| Refusal::malformed("claim_mapping_id", &malformed))?;
    let sent = request.claim_mapping.clone().unwrap_or_default();
    let mapping = fit::read(&fit::beside(reached, &sent).await?, slug, &sent, now)?;
    let answer = message::of(&reached.tenant.slug, &mapping);
    let about = |error: WriteError| Refusal::from(error).about("ClaimMapping", &answer.name);
    fit::admit(&reached.tenant.slug, &mapping, reached.read().claim_mappings().all().await?.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = Writing { cx, call, rows: &*tx, tenant: reached.tenant.id, now };
    write::insert(to, &mapping).await.map_err(about)?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
