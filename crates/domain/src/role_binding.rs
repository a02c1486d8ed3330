//! Role bindings: who has which role, and where. And what somebody holds by all of theirs.

mod fields;

use std::collections::BTreeMap;

pub use self::fields::RoleBindingField;
use crate::{
    admin_key::AdminReach,
    id::{RoleBindingId, RoleId, TenantId},
    permission::PermissionSet,
    principal::Principal,
    role::BuiltInRole,
    time::Timestamp,
};

/// The role of a binding. A tenant's own is meant by its inner id, so that no other comes to stand in its place by
/// taking its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundRole {
    /// One that every deployment has.
    BuiltIn(BuiltInRole),
    /// One of the tenant that the binding is in.
    Custom(RoleId),
}

/// A role binding. It never changes: it is made and deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleBinding {
    /// Which one it is.
    pub id: RoleBindingId,
    /// Where the role is had.
    pub place: AdminReach,
    /// The role.
    pub role: BoundRole,
    /// Who has it.
    pub member: Principal,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

impl RoleBinding {
    /// What it says, for the audit: a tenant's own role by its inner id, which is its name there as well.
    #[must_use]
    pub fn said(&self) -> String {
        match self.role {
            BoundRole::BuiltIn(role) => format!("{role} for {}", self.member),
            BoundRole::Custom(role) => format!("{role} for {}", self.member),
        }
    }

    /// Whether it counts still.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A binding that went with its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbound {
    /// Which one it was.
    pub id: RoleBindingId,
    /// Where the role was had.
    pub place: AdminReach,
    /// What it said, as [`RoleBinding::said`] has it. The role may be one that only a newer version knows.
    pub said: String,
}

/// What one live binding gives its member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Where.
    pub place: AdminReach,
    /// What.
    pub permissions: PermissionSet,
    /// Since when.
    pub since: Timestamp,
}

/// What somebody may do, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    platform: PermissionSet,
    tenants: BTreeMap<TenantId, PermissionSet>,
}

impl Held {
    /// What was given before the member came to be was given to another of the same name, and is not held.
    pub fn of(given: impl IntoIterator<Item = Given>, born: Option<Timestamp>) -> Self {
        let mut held = Self::default();
        for Given { place, permissions, since } in given {
            if born.is_some_and(|born| since < born) {
                continue;
            }
            let set = match place {
                AdminReach::Platform => &mut held.platform,
                AdminReach::Tenant(tenant) => held.tenants.entry(tenant).or_default(),
            };
            *set = set.union(&permissions);
        }
        held
    }

    /// The same, without what lies outside of that place.
    #[must_use]
    pub fn fenced(self, place: AdminReach) -> Self {
        match place {
            AdminReach::Platform => self,
            AdminReach::Tenant(tenant) => {
                let tenants = self.tenants.into_iter().filter(|(id, _)| *id == tenant).collect();
                Self { platform: PermissionSet::EMPTY, tenants }
            }
        }
    }

    /// What is held there. Whatever is held for the platform is held in every tenant.
    #[must_use]
    pub fn at(&self, place: AdminReach) -> PermissionSet {
        match place {
            AdminReach::Platform => self.platform,
            AdminReach::Tenant(tenant) => {
                self.tenants.get(&tenant).map_or(self.platform, |own| own.union(&self.platform))
            }
        }
    }

    /// What is held anywhere at all.
    #[must_use]
    pub fn anywhere(&self) -> PermissionSet {
        self.tenants.values().fold(self.platform, |all, own| all.union(own))
    }

    /// Whether anything is held there: to others a tenant looks absent.
    #[must_use]
    pub fn is_known(&self, tenant: TenantId) -> bool {
        !self.at(AdminReach::Tenant(tenant)).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::Permission;

    fn given(place: AdminReach, permission: Permission, since: i64) -> Given {
        Given { place, permissions: [permission].into_iter().collect(), since: Timestamp::from_seconds(since) }
    }

    #[test]
    fn what_is_held_for_the_platform_is_held_in_every_tenant() {
        let [here, there] = [1, 2].map(|id| TenantId::from_uuid(Uuid::from_u128(id)));
        let held = Held::of(
            [
                given(AdminReach::Platform, Permission::ClientsGet, 5),
                given(AdminReach::Tenant(here), Permission::UsersGet, 5),
            ],
            None,
        );
        let within = |tenant| held.at(AdminReach::Tenant(tenant)).iter().collect::<Vec<_>>();
        assert_eq!(within(here), [Permission::ClientsGet, Permission::UsersGet]);
        assert_eq!(within(there), [Permission::ClientsGet]);
        assert!(!held.at(AdminReach::Platform).contains(Permission::UsersGet));
        assert!(held.anywhere().contains(Permission::UsersGet) && held.is_known(there));

        let fenced = held.fenced(AdminReach::Tenant(here));
        assert!(!fenced.is_known(there) && fenced.at(AdminReach::Platform).is_empty());
        assert!(!fenced.at(AdminReach::Tenant(here)).contains(Permission::ClientsGet));
    }

    #[test]
    fn t171_what_an_earlier_member_of_the_name_was_given_is_not_held() {
        let old = given(AdminReach::Platform, Permission::ClientsGet, 5);
        assert!(Held::of([old], Some(Timestamp::from_seconds(6))).anywhere().is_empty());
        assert!(!Held::of([old], Some(Timestamp::from_seconds(5))).anywhere().is_empty());
    }
}
