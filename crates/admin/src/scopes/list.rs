//! `ListScopes`.

use chancery_domain::scope::BuiltInScope;
use chancery_proto::v1::{ListScopesRequest, ListScopesResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Scopes of a tenant: first those that every tenant has, then its own, each in the order of their names.
pub(super) async fn list(cx: &Context, call: &Call, request: ListScopesRequest) -> Result<ListScopesResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let slug = &reached.tenant.slug;
    let own = reached.read().scopes().all().await?;
    let built_in = BuiltInScope::ALL.iter().map(|scope| message::of_built_in(slug, scope));
    let mut scopes: Vec<_> = built_in.chain(own.iter().map(|scope| message::of(slug, scope))).collect();
    let position = |scope: &chancery_proto::v1::Scope| format!("{}{}", u8::from(!scope.built_in), scope.name);
    scopes.sort_by_key(position);
    let page = asked.cut(scopes, position);
    Ok(ListScopesResponse { scopes: page.rows, next_page_token: asked.token(page.next)? })
}
