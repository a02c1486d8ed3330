//! `CreateTenant`.

use chancery_domain::id::TenantSlug;
use chancery_keys::found;
use chancery_proto::v1::{self, CreateTenantRequest};

use super::{draft, message, write};
use crate::{
    call::Call,
    context::Context,
    encryption_keys, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
    text,
};

/// Creates a tenant with its keys, ready to serve.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateTenantRequest) -> Result<v1::Tenant, Refusal> {
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref(), request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    request: CreateTenantRequest,
) -> Result<v1::Tenant, Refusal> {
    let now = cx.clock.now();
    let slug: TenantSlug = text::read("tenant_id", &request.tenant_id)?;
    reach::keeps_system(cx, call, &slug)?;
    let sent = request.tenant.unwrap_or_default();
    let policy = cx.usual_policy.of(message::read_profile(&sent)?);
    let mut tenant = draft::fresh(cx, &sent, slug, policy.longest_token_life, now)?;
    draft::under_usual_policy(&mut tenant, &policy);
    draft::check(&tenant, &policy, &[])?;

    // Asked before the keys are made, so that a taken name costs nothing; the insert is what decides.
    let reader = cx.platform.read();
    let of_host = match &tenant.issuer_host {
        Some(host) => reader.tenants().find_by_host(host).await?,
        None => None,
    };
    if of_host.is_some() || reader.tenants().find_by_slug(&tenant.slug).await?.is_some() {
        return Err(message::taken(cx, &tenant).await?);
    }
    let answer = message::of(cx, &tenant);
    if request.validate_only {
        return Ok(answer);
    }
    let founding = found::prepare(&cx.keys, &tenant, &policy).await?;

    let tx = cx.platform.begin().await?;
    write::insert(cx, call, &*tx, &tenant, &founding).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    encryption_keys::settle(cx, call, None, &tenant).await;
    Ok(answer)
}
