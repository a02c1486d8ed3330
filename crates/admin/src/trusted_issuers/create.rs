//! `CreateTrustedIssuer`.

use chancery_domain::{fault::WriteError, id::TrustedIssuerSlug};
use chancery_proto::v1::{self, CreateTrustedIssuerRequest};

use super::{draft, message, write};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
    writing::Writing,
};

/// Adds a trusted issuer.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateTrustedIssuerRequest,
) -> Result<v1::TrustedIssuer, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateTrustedIssuerRequest,
) -> Result<v1::TrustedIssuer, Refusal> {
    let now = cx.clock.now();
    let id = request.trusted_issuer_id.parse();
    let slug: TrustedIssuerSlug = id.map_err(|malformed| Refusal::malformed("trusted_issuer_id", &malformed))?;
    let sent = request.trusted_issuer.clone().unwrap_or_default();
    let issuer = draft::fresh(cx, &reached.tenant, &sent, slug, now)?;
    let others = reached.read().trusted_issuers().all().await?;
    let answer = message::of(&reached.tenant.slug, &issuer);
    let about = |error: WriteError| Refusal::from(error).about("TrustedIssuer", &answer.name);
    draft::admit(&reached.tenant.slug, &issuer, others.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = Writing { cx, call, rows: &*tx, tenant: reached.tenant.id, now };
    write::insert(to, &issuer).await.map_err(about)?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
