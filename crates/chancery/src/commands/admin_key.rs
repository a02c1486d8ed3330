//! `chancery admin-key`: API keys made on the server itself, where whoever may read the configuration may do anything.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    id::{RoleBindingId, TenantSlug},
    ports::platform::PlatformStore,
    principal::Principal,
    random::Random,
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding},
    secret::OpaqueToken,
    time::Clock,
};

use super::{Opened, open};
use crate::wiring::SystemRandom;

/// Makes a key and prints it, this once.
pub(super) async fn create(
    path: &Path,
    name: &str,
    tenant: Option<&str>,
    role: Option<&str>,
    days: u16,
) -> anyhow::Result<()> {
    let Opened { storage, clock, log: _log, .. } = open(path).await?;
    let reach = match tenant {
        None => AdminReach::Platform,
        Some(name) => {
            let slug: TenantSlug = name.parse()?;
            let found = PlatformStore::read(&storage).tenants().find_by_slug(&slug).await?;
            AdminReach::Tenant(found.with_context(|| format!("there is no tenant {slug}"))?.id)
        }
    };
    let role = role.map(str::parse::<BuiltInRole>).transpose()?.unwrap_or_else(|| usual_role(reach));
    anyhow::ensure!(reach == AdminReach::Platform || role.is_for_tenants(), "{role} cannot be had within a tenant");
    let lifetime = Duration::from_secs(u64::from(days) * 86_400);
    let token = insert(&storage, &*clock, &SystemRandom, name, (reach, role), lifetime).await?;
    storage.close().await?;
    println!("{}", token.expose());
    Ok(())
}

/// The role of a key that nobody named one for: everything that there is to be done there.
pub(super) const fn usual_role(reach: AdminReach) -> BuiltInRole {
    match reach {
        AdminReach::Platform => BuiltInRole::PlatformOwner,
        AdminReach::Tenant(_) => BuiltInRole::TenantAdmin,
    }
}

/// Inserts a new key with its role and its audit event.
pub(super) async fn insert(
    store: &dyn PlatformStore,
    clock: &dyn Clock,
    random: &dyn Random,
    name: &str,
    (reach, role): (AdminReach, BuiltInRole),
    lifetime: Duration,
) -> anyhow::Result<OpaqueToken> {
    let now = clock.now();
    let (key, token) = AdminKey::generate(name, reach, lifetime, random, now);
    let tenant = match reach {
        AdminReach::Platform => None,
        AdminReach::Tenant(id) => Some(id),
    };
    let tx = store.begin().await?;
    tx.admin_keys().insert(&key).await?;
    let binding = RoleBinding {
        id: RoleBindingId::generate(random, now),
        place: reach,
        role: BoundRole::BuiltIn(role),
        member: Principal::ApiKey(key.id),
        created_at: now,
        // Who owns the server gives rights that last, as the first owner does; the key itself ends all the same.
        expires_at: (role != BuiltInRole::PlatformOwner).then_some(key.expires_at),
    };
    tx.role_bindings().insert(&binding).await?;
    let event = || AuditEvent::new(tenant, now, Actor::System, Action::Created);
    tx.audit(event().about(Noun::AdminKey, &key.id)).await?;
    tx.audit(event().about(Noun::RoleBinding, &binding.id).noting(binding.said())).await?;
    tx.commit().await?;
    Ok(token)
}
