//! `CreateScope`.

use chancery_domain::{fault::WriteError, id::ScopeSlug};
use chancery_proto::v1::{self, CreateScopeRequest};

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

/// Adds a scope.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateScopeRequest) -> Result<v1::Scope, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateScopeRequest,
) -> Result<v1::Scope, Refusal> {
    let now = cx.clock.now();
    let slug: ScopeSlug = request.scope_id.parse().map_err(|malformed| Refusal::malformed("scope_id", &malformed))?;
    let scope = draft::fresh(request.scope.clone().unwrap_or_default(), slug, now)?;
    let answer = message::of(&reached.tenant.slug, &scope);
    let about = |error: WriteError| Refusal::from(error).about("Scope", &answer.name);
    draft::admit(&reached.tenant.slug, &scope, reached.read().scopes().all().await?.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = Writing { cx, call, rows: &*tx, tenant: reached.tenant.id, now };
    write::insert(to, &scope).await.map_err(about)?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
