//! `CreateTenant`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::{TenantId, TenantSlug},
    tenant::Tenant,
};
use chancery_keys::found;
use chancery_proto::v1::{self, CreateTenantRequest};

use super::{format, message};
use crate::{
    call::Call,
    context::Context,
    master_keys,
    request_id::{Ledger, Named, once},
    status::Refusal,
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
    let slug: TenantSlug =
        request.tenant_id.parse().map_err(|malformed| Refusal::malformed("tenant_id", &malformed))?;
    let sent = request.tenant.unwrap_or_default();
    let policy = cx.usual_policy.of(message::read_profile(&sent)?);
    let id = TenantId::generate(&*cx.random, now);
    let tenant = Tenant::new(id, slug, String::new(), message::read_profile(&sent)?, now);
    let mut tenant = message::read(cx, &sent, tenant, policy.longest_token_life)?;
    // Where the deployment's usual policy names it, the deployment has asked for it.
    tenant.settings.ml_dsa |= policy.algorithms.iter().any(|algorithm| algorithm.is_ml_dsa());
    format::check(&tenant, &[])?;

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
    match tx.tenants().insert(&tenant).await {
        Err(WriteError::Taken(_)) => return Err(message::taken(cx, &tenant).await?),
        inserted => inserted?,
    }
    let founded = founding.write(&*tx.of(tenant.id)).await;
    founded.map_err(|error| under_a_released_key(cx, error))?;
    tx.audit(call.event(Some(tenant.id), now, Action::Created).about(Noun::Tenant, &tenant.id)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

/// A tenant that is new can come too late in one way only: the master key of its own key has left use.
fn under_a_released_key(cx: &Context, error: WriteError) -> Refusal {
    match (error, cx.keys.masters.sealing_id()) {
        (WriteError::Stale, Ok(id)) => master_keys::released(id),
        (error @ (WriteError::Stale | WriteError::Taken(_) | WriteError::Fault(_)), _) => error.into(),
    }
}
