//! `CreateApiKey`.

use std::time::Duration;

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::Action,
    change::Noun,
    id::{RoleBindingId, TenantSlug},
    permission::PermissionSet,
    ports::{platform::PlatformTx, roles::RoleReads},
    principal::Principal,
    role::BuiltInRole,
    role_binding::{RoleBinding, Until},
    time::Timestamp,
};
use chancery_proto::v1::{CreateApiKeyRequest, CreateApiKeyResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    delegation, name, reach,
    roles::meant::{self, Meant},
    span,
    status::{Reason, Refusal},
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
    let sent = request.api_key.unwrap_or_default();
    let display_name = text::display_name("api_key.display_name", &sent.display_name)?;
    if display_name.is_empty() {
        return Err(Refusal::field("api_key.display_name", "must say what the key is for"));
    }
    let source_ranges = message::read_source_ranges(&sent.source_ranges)?;
    delegation::not_wider(call, &source_ranges)?;
    let asked = request.ttl.map(|ttl| span::seconds("ttl", ttl)).transpose()?;
    if asked.is_some_and(|life| life.is_zero() || life > AdminKey::LONGEST_LIFE) {
        return Err(Refusal::field("ttl", "must be from 1 s to 90 d"));
    }

    let tx = cx.platform.begin().await?;
    let roles = roles(tx.roles(), &request.roles, (parent.as_ref(), reach)).await?;
    let given = roles.iter().fold(PermissionSet::EMPTY, |all, meant| all.union(&meant.permissions));
    let held = delegation::check(&*tx, call, reach, &given, now).await?;
    let held = call.caller.key().map_or(held, |own| held.min(Until::Moment(own.expires_at)));
    let expires_at = end(asked, held, now)?;
    let (key, token) = AdminKey::generate(display_name, reach, AdminKey::LONGEST_LIFE, &*cx.random, now);
    let key = AdminKey { source_ranges, expires_at, ..key };
    room(&*tx, reach, &request.parent, roles.len(), now).await?;
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

/// When the key ends. Where nobody asked for a span, it is the longest that the caller can give.
fn end(asked: Option<Duration>, held: Until, now: Timestamp) -> Result<Timestamp, Refusal> {
    let longest = now + AdminKey::LONGEST_LIFE;
    match (asked, held) {
        (Some(life), _) => {
            let end = now + life;
            delegation::not_longer(held, Until::Moment(end)).map(|()| end)
        }
        (None, Until::Moment(latest)) => Ok(longest.min(latest)),
        (None, Until::Taken) => Ok(longest),
    }
}

/// Refuses a key too many, and its roles.
async fn room(
    tx: &dyn PlatformTx,
    reach: AdminReach,
    parent: &str,
    roles: usize,
    now: Timestamp,
) -> Result<(), Refusal> {
    let of = name::of_place(parent);
    delegation::room(tx, reach, of, roles, now).await?;
    if tx.admin_keys().count(reach, now).await? >= AdminKey::MOST {
        let most = format!("has {} API keys, the most that it may have", AdminKey::MOST);
        return Err(Refusal::precondition(Reason::TooManyApiKeys, of, &most));
    }
    Ok(())
}

/// The roles that the key is to have; where none are named, the one that has everything there.
pub(crate) async fn roles(
    known: &dyn RoleReads,
    names: &[String],
    at: (Option<&TenantSlug>, AdminReach),
) -> Result<Vec<Meant>, Refusal> {
    if names.is_empty() {
        return Ok(vec![Meant::built_in(match at.1 {
            AdminReach::Platform => BuiltInRole::PlatformOwner,
            AdminReach::Tenant(_) => BuiltInRole::TenantAdmin,
        })]);
    }
    if names.len() > MOST_ROLES {
        return Err(Refusal::field("roles", "must be at most 16"));
    }
    let mut roles: Vec<Meant> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let meant = meant::read(known, &format!("roles[{place}]"), name, at).await?;
        // A role that is named twice is given once.
        if roles.iter().all(|other| other.role != meant.role) {
            roles.push(meant);
        }
    }
    Ok(roles)
}
