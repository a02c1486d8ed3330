//! `CreateApiKey`.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::Action,
    change::Noun,
    id::{RoleBindingId, TenantSlug},
    permission::PermissionSet,
    ports::platform::PlatformTx,
    principal::Principal,
    role::BuiltInRole,
    role_binding::RoleBinding,
};
use chancery_proto::v1::{CreateApiKeyRequest, CreateApiKeyResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    grant, name, permit, reach,
    roles::meant::{self, Meant},
    span,
    status::Refusal,
    text,
};

/// A key has at most this many roles from the beginning.
const MOST_ROLES: usize = 16;

/// Creates a key with its roles and tells it, this once: only its digest is kept.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateApiKeyRequest,
) -> Result<CreateApiKeyResponse, Refusal> {
    let now = cx.clock.now();
    let parent = name::optional_tenant("parent", &request.parent)?;
    let reach = reach::writable_place(cx, call, parent.as_ref()).await?;
    if reach == AdminReach::Platform {
        permit::fresh(&call.caller, now)?;
    }
    let sent = request.api_key.unwrap_or_default();
    let display_name = text::display_name("api_key.display_name", &sent.display_name)?;
    if display_name.is_empty() {
        return Err(Refusal::field("api_key.display_name", "must say what the key is for"));
    }
    let source_ranges = message::read_source_ranges(&sent.source_ranges)?;
    let life = request.ttl.map_or(Ok(AdminKey::LONGEST_LIFE), |ttl| span::seconds("ttl", ttl))?;
    if life.is_zero() || life > AdminKey::LONGEST_LIFE {
        return Err(Refusal::field("ttl", "must be from 1 s to 90 d"));
    }
    let (key, token) = AdminKey::generate(display_name, reach, life, &*cx.random, now);
    let key = AdminKey { source_ranges, ..key };

    let tx = cx.platform.begin().await?;
    let roles = roles(&*tx, &request.roles, parent.as_ref(), reach).await?;
    let given = roles.iter().fold(PermissionSet::EMPTY, |all, meant| all.union(&meant.permissions));
    grant::check(&*tx, call, reach, &given, now).await?;
    if request.validate_only {
        let api_key = Some(message::of(parent.as_ref(), &key));
        return Ok(CreateApiKeyResponse { api_key, secret: String::new() });
    }
    tx.admin_keys().insert(&key).await?;
    let event = || call.event(message::tenant(reach), now, Action::Created);
    tx.audit(event().about(Noun::AdminKey, &key.id)).await?;
    for meant in roles {
        let binding = RoleBinding {
            id: RoleBindingId::generate(&*cx.random, now),
            place: reach,
            role: meant.role,
            member: Principal::ApiKey(key.id),
            created_at: now,
            expires_at: Some(key.expires_at),
        };
        tx.role_bindings().insert(&binding).await?;
        tx.audit(event().about(Noun::RoleBinding, &binding.id).noting(binding.said())).await?;
    }
    tx.commit().await?;
    // The one answer that carries the text.
    let secret = token.expose().to_owned();
    Ok(CreateApiKeyResponse { api_key: Some(message::of(parent.as_ref(), &key)), secret })
}

/// The roles that the key is to have; where none are named, the one that has everything there.
async fn roles(
    tx: &dyn PlatformTx,
    names: &[String],
    parent: Option<&TenantSlug>,
    reach: AdminReach,
) -> Result<Vec<Meant>, Refusal> {
    if names.is_empty() {
        return Ok(vec![Meant::built_in(match reach {
            AdminReach::Platform => BuiltInRole::PlatformOwner,
            AdminReach::Tenant(_) => BuiltInRole::TenantAdmin,
        })]);
    }
    if names.len() > MOST_ROLES {
        return Err(Refusal::field("roles", "must be at most 16"));
    }
    let mut roles = Vec::new();
    for (place, name) in names.iter().enumerate() {
        roles.push(meant::read(tx.roles(), &format!("roles[{place}]"), name, (parent, reach)).await?);
    }
    Ok(roles)
}
