//! What a plan would end: counted change by change as the previews of the single calls count it, so that a document is
//! no way around those.

use chancery_domain::{ports::store::TenantReader, tenant::Tenant};
use chancery_keys::plan::Rules;
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, TenantDocument, TenantDocumentChange, TenantDocumentPlan, preview::Effect,
};

use super::{frame::Frame, planning::Plan};
use crate::{
    call::Call,
    context::Context,
    name,
    previews::{self, Danger, Deed, Foreseen},
    span,
    status::Refusal,
};

/// The plan with what it would end, and the hash that the apply goes by.
pub(super) async fn show(
    cx: &Context,
    call: &Call,
    request: &ApplyTenantDocumentRequest,
    plan: &Plan,
) -> Result<TenantDocumentPlan, Refusal> {
    let expires = cx.clock.now() + previews::GOOD_FOR;
    let mut told = plan.told();
    for change in &mut told.changes {
        change.effects = ended(cx, plan, change).await?;
    }
    told.preview_hash = previews::hash(cx, call, &deed(request), &foreseen(&told))?;
    told.preview_expire_time = Some(span::moment(expires));
    Ok(told)
}

/// Lets an apply pass that does what its plan told, or that needs none. A new tenant has nothing that could end.
pub(super) async fn admit(
    cx: &Context,
    call: &Call,
    request: &ApplyTenantDocumentRequest,
    plan: &Plan,
) -> Result<(), Refusal> {
    if !request.preview_hash.is_empty() {
        let told = show(cx, call, request, plan).await?;
        return previews::hold(cx, call, &deed(request), &foreseen(&told), &request.preview_hash);
    }
    if plan.stored.is_none() {
        return Ok(());
    }
    let how = "this deployment wants to be shown the hash of a plan of this document: plan it first, and send its \
               preview_hash";
    plan.changes.iter().try_for_each(|change| previews::unseen(cx, &change.permission, how))
}

fn deed(request: &ApplyTenantDocumentRequest) -> Deed {
    Deed::of("ApplyTenantDocument", &bare(request))
}

/// The request, whenever it comes. What the tenant is at, the plan says.
pub(super) fn bare(request: &ApplyTenantDocumentRequest) -> ApplyTenantDocumentRequest {
    let document = request.tenant_document.clone().unwrap_or_default();
    ApplyTenantDocumentRequest {
        tenant_document: Some(TenantDocument { etag: String::new(), ..document }),
        prune: request.prune,
        allow_missing: request.allow_missing,
        ..ApplyTenantDocumentRequest::default()
    }
}

fn foreseen(told: &TenantDocumentPlan) -> Foreseen {
    let effects = told.changes.iter().flat_map(|change| change.effects.iter().cloned()).collect();
    Foreseen { about: told.name.clone(), version: told.etag.clone(), effects }
}

/// What one change would end.
async fn ended(cx: &Context, plan: &Plan, change: &TenantDocumentChange) -> Result<Vec<Effect>, Refusal> {
    let danger = Danger::ALL.iter().find(|danger| danger.label() == change.permission);
    let (Some(danger), Some(Frame { tenant, .. })) = (danger, &plan.stored) else { return Ok(Vec::new()) };
    let rows = cx.store.read(tenant.id);
    match danger {
        Danger::UpdateTenant => previews::tenants::idle(cx, &*rows, tenant, &plan.wanted.tenant).await,
        Danger::UpdateKeyPolicy => policy(cx, &*rows, plan, tenant).await,
        Danger::DeleteClient => client(cx, &*rows, tenant, &change.name).await,
        // What documents never do.
        Danger::DeleteTenant
        | Danger::SuspendTenant
        | Danger::DisableClient
        | Danger::DeleteUser
        | Danger::DisableUser
        | Danger::CompromiseKey
        | Danger::CompromiseTenantKeys => Ok(Vec::new()),
    }
}

async fn policy(cx: &Context, rows: &dyn TenantReader, plan: &Plan, tenant: &Tenant) -> Result<Vec<Effect>, Refusal> {
    let now = cx.clock.now();
    let rules = Rules::of(plan.wanted.policy.clone(), cx.keys.margins, tenant.id, now)?;
    Ok(previews::keys::replaced(tenant, &rules, &rows.keys().all().await?, now))
}

async fn client(cx: &Context, rows: &dyn TenantReader, tenant: &Tenant, name: &str) -> Result<Vec<Effect>, Refusal> {
    let (_, id) = name::client("name", name)?;
    let Some(client) = rows.clients().find(&id).await? else { return Ok(Vec::new()) };
    previews::clients::held(cx, rows, tenant, client.uid).await
}
