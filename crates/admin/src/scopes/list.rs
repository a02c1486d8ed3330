//! `ListScopes`.

use chancery_domain::scope::{BuiltInScope, ListedScope};
use chancery_proto::v1::{ListScopesRequest, ListScopesResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Scopes of a tenant: first those that every tenant has, then its own, each in the order of their names unless asked
/// otherwise.
pub(super) async fn list(cx: &Context, call: &Call, request: ListScopesRequest) -> Result<ListScopesResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let slug = &reached.tenant.slug;
    let own = reached.read().scopes().all().await?;
    let all = BuiltInScope::ALL.iter().map(ListedScope::BuiltIn).chain(own.iter().map(ListedScope::Own));
    let page = query.of(all, ListedScope::field, ListedScope::position);
    let scopes = page.rows.iter().map(|scope| match scope {
        ListedScope::BuiltIn(scope) => message::of_built_in(slug, scope),
        ListedScope::Own(scope) => message::of(slug, scope),
    });
    Ok(ListScopesResponse { scopes: scopes.collect(), next_page_token: asked.token(page.next)? })
}
