//! `UpdateRole`.

use chancery_domain::{admin_key::AdminReach, audit::Action, change::Noun, role::Role, role_binding::Until};
use chancery_proto::v1::{self, UpdateRoleRequest};

use super::{FIELDS, find, message, own_name};
use crate::{call::Call, context::Context, delegation, etag, mask, permit, reach, status::Refusal};

/// Changes what a role is called or what is in it. Everybody who has it gets what is added, so the caller must have that.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateRoleRequest) -> Result<v1::Role, Refusal> {
    let now = cx.clock.now();
    let sent = request.role.unwrap_or_default();
    let (tenant, slug) = own_name("role.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(cx, &reached, &slug).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "role", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let before = stored.permissions;
    let role = message::read(&wanted, stored)?;

    let added = role.permissions.minus(&before);
    if !added.is_empty() {
        permit::fresh(&call.caller, now)?;
    }
    let tx = cx.platform.begin().await?;
    let id = reached.tenant.id;
    let held = delegation::check(&*tx, call, AdminReach::Tenant(id), &added, now).await?;
    // Whoever has the role may have it until it is taken.
    delegation::not_longer(held, Until::Taken)?;
    // Guarded by the version, so what was there before is what was compared.
    let version = tx.roles().update(id, &role, now).await?;
    tx.audit(call.event(Some(id), now, Action::Updated).about(Noun::Role, &role.id)).await?;
    let answer = message::of(&tenant, &Role { version, updated_at: now, ..role });
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    tx.commit().await?;
    Ok(answer)
}
