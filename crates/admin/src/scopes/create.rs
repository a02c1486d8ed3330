//! `CreateScope`.

use chancery_domain::fault::WriteError;
use chancery_proto::v1::{self, CreateScopeRequest};

use super::{draft, message, write};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, text};

/// Adds a scope.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateScopeRequest) -> Result<v1::Scope, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &CreateScopeRequest) -> Result<v1::Scope, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let slug = text::read("scope_id", &request.scope_id)?;
    let scope = draft::fresh(request.scope.clone().unwrap_or_default(), slug, now)?;
    let answer = message::of(&reached.tenant.slug, &scope);
    let about = |error: WriteError| Refusal::from(error).about("Scope", &answer.name);
    draft::admit(&reached.tenant.slug, &scope, reached.read().scopes().all().await?.iter())?;
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    write::insert(to, &scope).await.map_err(about)?;
    errand.commit(tx, answer, now).await
}
