//! `CreateTrustedIssuer`.

use chancery_domain::fault::WriteError;
use chancery_proto::v1::{self, CreateTrustedIssuerRequest};

use super::{draft, message, metadata, write};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, text};

/// Adds a trusted issuer.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateTrustedIssuerRequest,
) -> Result<v1::TrustedIssuer, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &CreateTrustedIssuerRequest) -> Result<v1::TrustedIssuer, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let slug = text::read("trusted_issuer_id", &request.trusted_issuer_id)?;
    let sent = request.trusted_issuer.clone().unwrap_or_default();
    let issuer = draft::fresh(reached.cx, &reached.tenant, &sent, slug, now)?;
    let answer = message::of(&reached.tenant.slug, &issuer);
    let about = |error: WriteError| Refusal::from(error).about("TrustedIssuer", &answer.name);
    draft::admit(&reached.tenant.slug, &issuer, reached.read().trusted_issuers().all().await?.iter())?;
    metadata::check(reached.cx, reached.tenant.id, None, &issuer).await?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    write::insert(to, &issuer).await.map_err(about)?;
    errand.commit(tx, answer, now).await
}
