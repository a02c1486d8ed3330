//! `CreateRole`.

use chancery_domain::{
    admin_key::AdminReach, audit::Action, change::Noun, fault::WriteError, id::RoleId, permission::PermissionSet,
    role::Role, time::Timestamp, version::Version,
};
use chancery_proto::v1::{self, CreateRoleRequest};

use super::message;
use crate::{
    call::Call,
    context::Context,
    delegation, name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
    text,
};

/// Makes a role out of permissions that the caller has there.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateRoleRequest) -> Result<v1::Role, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateRoleRequest,
) -> Result<v1::Role, Refusal> {
    let now = cx.clock.now();
    let tenant = reached.tenant.id;
    let role = read(cx, request, now)?;
    let answer = message::of(&reached.tenant.slug, &role);
    let about = |error: WriteError| Refusal::from(error).about("Role", &answer.name);

    let tx = cx.platform.begin().await?;
    delegation::check(&*tx, call, AdminReach::Tenant(tenant), &role.permissions, now).await?;
    let others = tx.roles().all(tenant).await?;
    if others.iter().any(|other| other.slug == role.slug) {
        return Err(about(WriteError::Taken(Noun::Role)));
    }
    if others.len() >= Role::MOST {
        let most = format!("has {} roles, the most that a tenant may have", Role::MOST);
        return Err(Refusal::precondition(Reason::TooManyRoles, &request.parent, &most));
    }
    if request.validate_only {
        return Ok(answer);
    }
    tx.roles().insert(tenant, &role).await.map_err(about)?;
    tx.audit(call.event(Some(tenant), now, Action::Created).about(Noun::Role, &role.id)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

fn read(cx: &Context, request: &CreateRoleRequest, now: Timestamp) -> Result<Role, Refusal> {
    let role = Role {
        id: RoleId::generate(&*cx.random, now),
        slug: text::read("role_id", &request.role_id)?,
        display_name: String::new(),
        permissions: PermissionSet::EMPTY,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    message::read(&request.role.clone().unwrap_or_default(), role)
}
