//! `CreateScope`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::ScopeSlug,
    scope::{BuiltInScope, Scope, ScopeValue},
    version::Version,
};
use chancery_proto::v1::{self, CreateScopeRequest};

use super::message;
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
};

/// A tenant has at most this many scopes of its own.
const MOST: usize = 1000;

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
    let scope = read(request.clone(), now)?;
    let answer = message::of(&reached.tenant.slug, &scope);
    let about = |error: WriteError| Refusal::from(error).about("Scope", &answer.name);
    let others = reached.read().scopes().all().await?;
    let built_in = BuiltInScope::find(scope.value.as_str()).or_else(|| BuiltInScope::find(scope.slug.as_str()));
    let taken = |other: &Scope| other.slug == scope.slug || other.value == scope.value;
    if built_in.is_some() || others.iter().any(taken) {
        return Err(about(WriteError::Taken(Noun::Scope)));
    }
    if others.len() >= MOST {
        let most = format!("has {MOST} scopes, the most that a tenant may have");
        return Err(Refusal::precondition(Reason::TooManyScopes, &request.parent, &most));
    }
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    tx.scopes().insert(&scope).await.map_err(about)?;
    let event = call.event(Some(reached.tenant.id), now, Action::Created).between(None, scope.version);
    tx.audit(event.about(Noun::Scope, &scope.slug)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

fn read(request: CreateScopeRequest, now: chancery_domain::time::Timestamp) -> Result<Scope, Refusal> {
    let slug: ScopeSlug = request.scope_id.parse().map_err(|malformed| Refusal::malformed("scope_id", &malformed))?;
    let sent = request.scope.unwrap_or_default();
    let value: ScopeValue = sent.value.parse().map_err(|malformed| Refusal::malformed("scope.value", &malformed))?;
    let scope = Scope {
        slug,
        value,
        description: String::new(),
        claims: Vec::new(),
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    message::read(sent, scope)
}
