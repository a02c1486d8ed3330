//! `UpdateTenant`.

use chancery_domain::tenant::Tenant;
use chancery_proto::v1::{self, UpdateTenantRequest};

use super::{FIELDS, draft, message, write};
use crate::{
    call::Call,
    context::Context,
    encryption_keys, etag, mask, name, previews,
    reach::{self, Reached},
    status::Refusal,
};

/// Changes display name, profile, host or settings.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateTenantRequest) -> Result<v1::Tenant, Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let (reached, tenant) = wanted(cx, call, &request).await?;
    draft::permit(call, &reached.tenant, &tenant)?;

    let tx = cx.platform.begin().await?;
    let version = write::update(cx, call, &*tx, &tenant, now).await?;
    write::promise(cx, &*tx.of(tenant.id), &tenant, now).await?;
    let answer = message::of_written(cx, tenant.clone(), version, now);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    encryption_keys::settle(cx, call, Some(&reached.tenant), &tenant).await;
    Ok(answer)
}

/// The tenant as it is, and as the request wants it.
pub(crate) async fn wanted<'a>(
    cx: &'a Context,
    call: &'a Call,
    request: &UpdateTenantRequest,
) -> Result<(Reached<'a>, Tenant), Refusal> {
    let sent = request.tenant.clone().unwrap_or_default();
    let reached = reach::writable(cx, call, &name::tenant("tenant.name", &sent.name)?).await?;
    etag::check(&sent.etag, &message::etag(&reached.tenant))?;

    let mut wanted = message::of(cx, &reached.tenant);
    mask::apply(FIELDS, "tenant", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let policy = reached.read().keys().policy().await?;
    let tenant = message::read(cx, &wanted, reached.tenant.clone(), policy.longest_token_life)?;
    draft::check(&tenant, &policy, &reached.read().token_secrets().all().await?)?;
    Ok((reached, tenant))
}
