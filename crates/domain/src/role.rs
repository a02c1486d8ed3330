//! Roles: sets of permissions under a name. Some are built in; a tenant may make its own out of the permissions that
//! can be held in a tenant.

mod fields;
mod holders;

use std::{fmt, str::FromStr};

pub use self::fields::{ListedRole, RoleField};
use crate::{
    fault::Malformed,
    id::{RoleId, RoleSlug},
    permission::{Permission, PermissionSet},
    time::Timestamp,
    version::Version,
};

/// Declares the built-in roles.
macro_rules! built_in {
    ($($(#[$doc:meta])* $role:ident = $id:literal about $text:literal,)*) => {
        /// A role that every deployment has. It never changes but with a release.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum BuiltInRole { $($(#[$doc])* $role,)* }

        impl BuiltInRole {
            /// Every one, in the order of their ids.
            pub const ALL: &'static [Self] = &[$(Self::$role,)*];

            /// The id, such as `tenant.admin`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$role => $id,)* }
            }

            /// What it is for, in a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$role => $text,)* }
            }
        }
    };
}

built_in! {
    /// Sees everything of the platform, who may do what and the audit included.
    PlatformAuditor = "platform.auditor" about "Reads everything, and changes nothing.",
    /// Keeps keys and master keys.
    PlatformKeyOfficer = "platform.key-officer" about "Keeps signing keys and master keys, emergencies included.",
    /// Runs the platform day by day.
    PlatformOperator = "platform.operator"
        about "Does everything but see new secrets, order keys' emergencies and say who may do what.",
    /// May do everything.
    PlatformOwner = "platform.owner" about "May do everything.",
    /// A program that keeps keys moving.
    PlatformWorker = "platform.worker" about "For programs that rotate keys and look at how they stand.",
    /// May do everything within a tenant.
    TenantAdmin = "tenant.admin" about "May do everything that can be done within a tenant.",
    /// Sees everything within a tenant, who may do what and the audit included.
    TenantAuditor = "tenant.auditor" about "Reads everything within a tenant, and changes nothing.",
    /// Keeps clients, scopes and resources.
    TenantClientAdmin = "tenant.client-admin" about "Keeps the clients of a tenant with their secrets, its scopes and its resources.",
    /// Keeps a tenant's keys.
    TenantKeyAdmin = "tenant.key-admin" about "Keeps the signing keys of a tenant and the secrets that it signs with.",
    /// Sees how a tenant is set up, but no person and no right.
    TenantReader = "tenant.reader" about "Reads how a tenant is set up, but nothing about people and rights.",
    /// Keeps users.
    TenantUserAdmin = "tenant.user-admin" about "Keeps the users of a tenant.",
}

impl BuiltInRole {
    /// What its members may do.
    #[must_use]
    pub fn permissions(self) -> PermissionSet {
        let is_held = |permission: &Permission| match self {
            Self::PlatformOwner => true,
            Self::PlatformAuditor
            | Self::PlatformKeyOfficer
            | Self::PlatformOperator
            | Self::PlatformWorker
            | Self::TenantAdmin
            | Self::TenantAuditor
            | Self::TenantClientAdmin
            | Self::TenantKeyAdmin
            | Self::TenantReader
            | Self::TenantUserAdmin => holders::of(*permission).contains(&self),
        };
        Permission::ALL.iter().copied().filter(is_held).collect()
    }

    /// Whether it can be given to somebody within one tenant: it has nothing in it that only the platform can allow.
    #[must_use]
    pub const fn is_for_tenants(self) -> bool {
        match self {
            Self::PlatformAuditor
            | Self::PlatformKeyOfficer
            | Self::PlatformOperator
            | Self::PlatformOwner
            | Self::PlatformWorker => false,
            Self::TenantAdmin
            | Self::TenantAuditor
            | Self::TenantClientAdmin
            | Self::TenantKeyAdmin
            | Self::TenantReader
            | Self::TenantUserAdmin => true,
        }
    }
}

impl fmt::Display for BuiltInRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for BuiltInRole {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.iter().copied().find(|role| role.id() == text);
        found.ok_or(Malformed::new("role", "must be a role that there is, such as tenant.admin"))
    }
}

/// A role that a tenant made for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Which role it is; a role that is made later under the same name is another.
    pub id: RoleId,
    /// The id in its name.
    pub slug: RoleSlug,
    /// What people call it.
    pub display_name: String,
    /// What its members may do.
    pub permissions: PermissionSet,
    /// Guards it.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Role {
    /// A tenant has at most this many roles of its own.
    pub const MOST: usize = 100;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_lie_within_those_that_contain_them() {
        use BuiltInRole as R;
        let owner = R::PlatformOwner.permissions();
        assert_eq!(owner, PermissionSet::all());
        for (inner, outer) in [
            (R::TenantAdmin, R::PlatformOwner),
            (R::TenantAuditor, R::TenantAdmin),
            (R::TenantClientAdmin, R::TenantAdmin),
            (R::TenantKeyAdmin, R::TenantAdmin),
            (R::TenantUserAdmin, R::TenantAdmin),
            (R::TenantReader, R::TenantAuditor),
            (R::TenantAuditor, R::PlatformAuditor),
            (R::TenantKeyAdmin, R::PlatformKeyOfficer),
            (R::PlatformWorker, R::PlatformKeyOfficer),
        ] {
            let missing = inner.permissions().minus(&outer.permissions());
            assert!(missing.is_empty(), "{inner} has {missing:?}, which {outer} lacks");
        }
        for role in R::ALL {
            assert_eq!(role.id().parse::<R>().as_ref(), Ok(role));
            assert_eq!(role.is_for_tenants(), R::TenantAdmin.permissions().is_superset(&role.permissions()), "{role}");
        }
    }

    #[test]
    fn those_who_look_change_nothing() {
        use BuiltInRole as R;
        for role in [R::PlatformAuditor, R::TenantAuditor, R::TenantReader] {
            for permission in role.permissions().iter() {
                let verb = permission.code().rsplit('.').next().expect("a verb");
                let looks = ["get", "list", "watch", "search", "export", "verify", "plan", "drift"].contains(&verb);
                // A checkpoint signs what is there and leaves no event; an export makes the same one.
                let signs_the_audit = permission == Permission::AuditCheckpointsCreate && role != R::TenantReader;
                assert!(looks || signs_the_audit, "{role} may {permission}");
            }
        }
    }
}
