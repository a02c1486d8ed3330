//! `chancery admin-key`: API keys made on the server itself, where whoever may read the configuration may do anything.

use std::time::Duration;

use anyhow::Context as _;
use chancery_cli::{Output, say};
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
    time::Clock,
};
use serde_json::json;

use super::{Opened, open};
use crate::{command::CreateAdminKey, wiring::SystemRandom};

/// Makes a key and prints it, this once.
pub(super) async fn create(asked: &CreateAdminKey, output: Output) -> anyhow::Result<()> {
    let Opened { storage, clock, log: _log, .. } = open(&asked.config).await?;
    let reach = match &asked.tenant {
        None => AdminReach::Platform,
        Some(name) => {
            let slug: TenantSlug = name.parse()?;
            let found = PlatformStore::read(&storage).tenants().find_by_slug(&slug).await?;
            AdminReach::Tenant(found.with_context(|| format!("there is no tenant {slug}"))?.id)
        }
    };
    let role = asked.role.as_deref().map(str::parse::<BuiltInRole>).transpose()?.unwrap_or_else(|| usual_role(reach));
    anyhow::ensure!(reach == AdminReach::Platform || role.is_for_tenants(), "{role} cannot be had within a tenant");
    let lifetime = Duration::from_secs(u64::from(asked.days) * 86_400);
    let (key, token) = AdminKey::generate(&asked.name, reach, lifetime, &SystemRandom, clock.now());
    // Printed first: a key that the store does not know opens nothing, and the other way round nobody has it.
    say(output, token.expose(), &json!({ "key": token.expose() }))?;
    insert(&storage, &SystemRandom, &key, role).await.context("the key that was printed was not made")?;
    Ok(storage.close().await?)
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
    random: &dyn Random,
    key: &AdminKey,
    role: BuiltInRole,
) -> anyhow::Result<()> {
    let tenant = match key.reach {
        AdminReach::Platform => None,
        AdminReach::Tenant(id) => Some(id),
    };
    let tx = store.begin().await?;
    tx.admin_keys().insert(key).await?;
    let binding = RoleBinding {
        id: RoleBindingId::generate(random, key.created_at),
        place: key.reach,
        role: BoundRole::BuiltIn(role),
        member: Principal::ApiKey(key.id),
        created_at: key.created_at,
        // Who owns the server gives rights that last, as the first owner does; the key itself ends all the same.
        expires_at: (role != BuiltInRole::PlatformOwner).then_some(key.expires_at),
    };
    tx.role_bindings().insert(&binding).await?;
    let event = || AuditEvent::new(tenant, key.created_at, Actor::System, Action::Created);
    tx.audit(event().about(Noun::AdminKey, &key.id)).await?;
    tx.audit(event().about(Noun::RoleBinding, &binding.id).noting(binding.said())).await?;
    Ok(tx.commit().await?)
}
