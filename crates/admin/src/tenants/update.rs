//! `UpdateTenant`.

use chancery_domain::{audit::Action, change::Noun, resource::Resource};
use chancery_keys::promise;
use chancery_proto::v1::{self, UpdateTenantRequest};

use super::{FIELDS, format, message};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes display name, profile or settings.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateTenantRequest) -> Result<v1::Tenant, Refusal> {
    let now = cx.clock.now();
    let sent = request.tenant.unwrap_or_default();
    let reached = reach::writable(cx, call, &name::tenant("tenant.name", &sent.name)?).await?;
    etag::check(&sent.etag, &message::etag(&reached.tenant))?;

    let mut wanted = message::of(cx, &reached.tenant);
    mask::apply(FIELDS, "tenant", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let policy = reached.read().keys().policy().await?;
    let tenant = message::read(&wanted, reached.tenant.clone(), policy.longest_token_life)?;
    format::check(&tenant, &reached.read().token_secrets().all().await?)?;
    if !tenant.settings.ml_dsa && policy.algorithms.iter().any(|algorithm| algorithm.is_ml_dsa()) {
        let rule = "must stay while the key policy names an algorithm of ML-DSA";
        return Err(Refusal::field("tenant.settings.ml_dsa", rule));
    }
    if tenant.profile != reached.tenant.profile {
        // The profile is what the platform demands of the tenant.
        reach::platform(call)?;
    }

    let tx = cx.platform.begin().await?;
    let version = tx.tenants().update(&tenant, now).await?;
    // Before the first token of a longer life can leave, the keys know of it.
    let rows = tx.of(tenant.id);
    let life = Resource::longest_life(&rows.resources().all().await?).max(tenant.settings.longest_life());
    promise::write(&*rows, life, &cx.keys.margins, now).await?;
    drop(rows);
    tx.audit(call.event(Some(tenant.id), now, Action::Updated).about(Noun::Tenant, &tenant.id)).await?;
    tx.commit().await?;
    Ok(message::of_written(cx, tenant, version, now))
}
