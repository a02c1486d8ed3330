//! `CreateClaimMapping`.

use chancery_domain::{
    audit::Action, change::Noun, claim_mapping::ClaimMapping, fault::WriteError, id::ClaimMappingSlug,
};
use chancery_proto::v1::{self, CreateClaimMappingRequest};

use super::{fit, message};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
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
    let mapping = fit::read(reached, slug, &request.claim_mapping.clone().unwrap_or_default(), now).await?;
    let answer = message::of(&reached.tenant.slug, &mapping);
    let about = |error: WriteError| Refusal::from(error).about("ClaimMapping", &answer.name);
    let others = reached.read().claim_mappings().all().await?;
    if others.iter().any(|other| other.slug == mapping.slug) {
        return Err(about(WriteError::Taken(Noun::ClaimMapping)));
    }
    if others.len() >= ClaimMapping::MOST {
        let most = format!("has {} claim mappings, the most that a tenant may have", ClaimMapping::MOST);
        return Err(Refusal::precondition(Reason::TooManyClaimMappings, &request.parent, &most));
    }
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    tx.claim_mappings().insert(&mapping).await.map_err(about)?;
    let created = call.event(Some(reached.tenant.id), now, Action::Created);
    tx.audit(created.about(Noun::ClaimMapping, &mapping.slug)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
