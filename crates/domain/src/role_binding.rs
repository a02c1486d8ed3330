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
    /// A place has at most this many live ones: a role for every key that it may have, and as many for people and programs.
    pub const MOST: u64 = 2000;
    /// A member has at most this many of one place, ended ones included: all of theirs are read with each of their calls,
    /// and who gives roles in one place must not make the calls of others slow.
    pub const MOST_OF_MEMBER: usize = 100;

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

/// Until when something is had. Whatever ends is before what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// Until then.
    Moment(Timestamp),
    /// Until it is taken.
    Taken,
}

impl From<Option<Timestamp>> for Until {
    fn from(end: Option<Timestamp>) -> Self {
        end.map_or(Self::Taken, Self::Moment)
    }
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
    /// Until when.
    pub until: Until,
}

/// What somebody may do, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    platform: Vec<Given>,
    tenants: BTreeMap<TenantId, Vec<Given>>,
}

impl Held {
    /// What was given before the member came to be was given to another of the same name, and is not held.
    pub fn of(given: impl IntoIterator<Item = Given>, born: Option<Timestamp>) -> Self {
        let mut held = Self::default();
        for given in given {
            if born.is_some_and(|born| given.since < born) {
                continue;
            }
            match given.place {
                AdminReach::Platform => held.platform.push(given),
                AdminReach::Tenant(tenant) => held.tenants.entry(tenant).or_default().push(given),
            }
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
                Self { platform: Vec::new(), tenants }
            }
        }
    }

    /// What is held there. Whatever is held for the platform is held in every tenant.
    #[must_use]
    pub fn at(&self, place: AdminReach) -> PermissionSet {
        all(self.counting(place))
    }

    /// Until when everything in the set is held there, each permission by the binding that gives it longest. `None`: it is
    /// not all held.
    #[must_use]
    pub fn until(&self, place: AdminReach, permissions: &PermissionSet) -> Option<Until> {
        let longest = |permission| {
            let giving = self.counting(place).filter(|given| given.permissions.contains(permission));
            giving.map(|given| given.until).max()
        };
        permissions.iter().map(longest).min().unwrap_or(Some(Until::Taken))
    }

    /// What is held anywhere at all.
    #[must_use]
    pub fn anywhere(&self) -> PermissionSet {
        all(self.platform.iter().chain(self.tenants.values().flatten()))
    }

    /// Whether anything is held there: to others a tenant looks absent.
    #[must_use]
    pub fn is_known(&self, tenant: TenantId) -> bool {
        !self.at(AdminReach::Tenant(tenant)).is_empty()
    }

    /// What counts there.
    fn counting(&self, place: AdminReach) -> impl Iterator<Item = &Given> {
        let own = match place {
            AdminReach::Platform => None,
            AdminReach::Tenant(tenant) => self.tenants.get(&tenant),
        };
        self.platform.iter().chain(own.into_iter().flatten())
    }
}

fn all<'a>(given: impl Iterator<Item = &'a Given>) -> PermissionSet {
    given.fold(PermissionSet::EMPTY, |all, given| all.union(&given.permissions))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::Permission;

    fn given(place: AdminReach, permission: Permission, since: i64) -> Given {
        let permissions = [permission].into_iter().collect();
        Given { place, permissions, since: Timestamp::from_seconds(since), until: Until::Taken }
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

    #[test]
    fn t267_something_is_held_until_the_last_binding_that_gives_it_ends() {
        let here = AdminReach::Tenant(TenantId::from_uuid(Uuid::from_u128(1)));
        let at = |seconds| Until::Moment(Timestamp::from_seconds(seconds));
        let ending = |place, permission, end| Given { until: at(end), ..given(place, permission, 0) };
        let held = Held::of(
            [
                ending(here, Permission::UsersGet, 60),
                ending(AdminReach::Platform, Permission::UsersGet, 90),
                ending(here, Permission::UsersList, 70),
                given(here, Permission::ClientsGet, 0),
            ],
            None,
        );
        let until = |place, permissions: &[Permission]| held.until(place, &permissions.iter().copied().collect());
        assert_eq!(until(here, &[Permission::UsersGet]), Some(at(90)));
        assert_eq!(until(here, &[Permission::UsersGet, Permission::UsersList]), Some(at(70)));
        assert_eq!(until(here, &[Permission::ClientsGet]), Some(Until::Taken));
        assert_eq!(until(here, &[Permission::ClientsGet, Permission::KeysGet]), None);
        assert_eq!(until(AdminReach::Platform, &[Permission::UsersGet]), Some(at(90)));
        assert_eq!(until(AdminReach::Platform, &[Permission::UsersList]), None);
    }
}
