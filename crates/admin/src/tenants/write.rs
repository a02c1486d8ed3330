//! Writing tenants with their audit events: for the calls about one tenant, and for documents.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::WriteError,
    ports::{platform::PlatformTx, store::TenantRows},
    resource::Resource,
    tenant::Tenant,
    time::Timestamp,
    version::Version,
};
use chancery_keys::{found::Founding, promise};

use super::message;
use crate::{call::Call, clients::fit, context::Context, master_keys, status::Refusal};

/// A new tenant with its keys.
pub(crate) async fn insert(
    cx: &Context,
    call: &Call,
    tx: &dyn PlatformTx,
    tenant: &Tenant,
    founding: &Founding,
) -> Result<(), Refusal> {
    match tx.tenants().insert(tenant).await {
        Err(WriteError::Taken(_)) => return Err(message::taken(cx, tenant).await?),
        inserted => inserted?,
    }
    let founded = founding.write(&*tx.of(tenant.id)).await;
    founded.map_err(|error| under_a_released_key(cx, error))?;
    let event = call.event(Some(tenant.id), tenant.created_at, Action::Created).between(None, tenant.version);
    Ok(tx.audit(event.about(Noun::Tenant, &tenant.id)).await?)
}

/// A tenant in place of what it was; guarded by the version that was read. Gives the new version. The keys are to be
/// told by [`promise`] in the same transaction, and behind this: whoever writes both takes them in that order.
pub(crate) async fn update(
    cx: &Context,
    call: &Call,
    tx: &dyn PlatformTx,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<Version, Refusal> {
    let version = match tx.tenants().update(tenant, now).await {
        Err(WriteError::Taken(_)) => return Err(message::taken(cx, tenant).await?),
        written => written?,
    };
    let event = call.event(Some(tenant.id), now, Action::Updated).between(tenant.version, version);
    tx.audit(event.about(Noun::Tenant, &tenant.id)).await?;
    Ok(version)
}

/// Lets the keys know of how long tokens live, those for the tenant's resources too, before the first token of a longer
/// life can leave.
pub(crate) async fn promise(
    cx: &Context,
    rows: &dyn TenantRows,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<(), WriteError> {
    let of_clients = fit::longest_life(rows.clients()).await?;
    let of_resources = Resource::longest_life(&rows.resources().all().await?);
    let life = of_resources.max(of_clients).max(tenant.settings.longest_life());
    promise::write(rows, life, &cx.keys.margins, now).await
}

/// A tenant that is new can come too late in one way only: the master key of its own key has left use.
fn under_a_released_key(cx: &Context, error: WriteError) -> Refusal {
    match (error, cx.keys.masters.sealing_id()) {
        (WriteError::Stale, Ok(id)) => master_keys::released(id),
        (error @ (WriteError::Stale | WriteError::Taken(_) | WriteError::Fault(_)), _) => error.into(),
    }
}
