//! What goes with a tenant, and with shorter lives in it.

use chancery_domain::{
    ports::{impact::Within, store::TenantReader},
    tenant::Tenant,
};
use chancery_proto::v1::{
    DeleteTenantRequest, SuspendTenantRequest, UpdateTenantRequest,
    preview::{Effect, effect::Kind},
};

use super::{Foreseen, dangerous, effects, keys};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    status::Refusal,
    tenants,
};

dangerous!(DeleteTenantRequest as DeleteTenant by delete; validate_only; |request| request.validate_only);
dangerous!(SuspendTenantRequest as SuspendTenant by suspend; request_id; |_| false);
dangerous!(UpdateTenantRequest as UpdateTenant by update; validate_only; |request| request.validate_only);

async fn delete(cx: &Context, call: &Call, request: &DeleteTenantRequest) -> Result<Foreseen, Refusal> {
    tenants::delete::turn(request, true).carry_out(cx, call, None).await?;
    gone(cx, call, &request.name).await
}

async fn suspend(cx: &Context, call: &Call, request: &SuspendTenantRequest) -> Result<Foreseen, Refusal> {
    tenants::suspend::turn(request, true).carry_out(cx, call, None).await?;
    gone(cx, call, &request.name).await
}

/// Nothing of the tenant is served any more.
async fn gone(cx: &Context, call: &Call, name: &str) -> Result<Foreseen, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("name", name)?).await?;
    let now = cx.clock.now();
    let rows = reached.read();
    let standing = effects::standing(&reached.tenant, now);
    let mut found = effects::of_impact(&reached.tenant, rows.impact().holding(Within::Tenant, standing).await?);
    found.extend(keys::published(&reached.tenant, &rows.keys().all().await?, now));
    Ok(foreseen(&reached, found))
}

/// Sessions that are idle for longer than they shall be end at once; what else is shortened is so for what comes later.
async fn update(cx: &Context, call: &Call, request: &UpdateTenantRequest) -> Result<Foreseen, Refusal> {
    let (reached, wanted): (_, Tenant) = tenants::update::wanted(cx, call, request).await?;
    let ended = idle(cx, &*reached.read(), &reached.tenant, &wanted).await?;
    Ok(foreseen(&reached, ended))
}

/// The sessions that are idle for longer than is wanted from now on.
pub(crate) async fn idle(
    cx: &Context,
    rows: &dyn TenantReader,
    tenant: &Tenant,
    wanted: &Tenant,
) -> Result<Vec<Effect>, Refusal> {
    let now = cx.clock.now();
    let standing = effects::standing(tenant, now);
    let ended = rows.impact().idle_sessions(standing, now - wanted.settings.session_idle_ttl).await?;
    Ok(effects::counted(Kind::Sessions, ended).into_iter().collect())
}

fn foreseen(reached: &Reached<'_>, effects: Vec<Effect>) -> Foreseen {
    let Tenant { slug, id, version, .. } = &reached.tenant;
    Foreseen { about: name::of_tenant(slug), version: format!("{id} {}", version.number()), effects }
}
