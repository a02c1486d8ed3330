//! The calls that have a preview.

use std::str::FromStr;

/// Declares the dangers with the permission of each call.
macro_rules! dangers {
    ($($(#[$doc:meta])* $danger:ident = $label:literal,)*) => {
        /// A call that ends what people rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Danger { $($(#[$doc])* $danger,)* }

        impl Danger {
            /// Every danger.
            pub const ALL: &'static [Self] = &[$(Self::$danger,)*];

            /// Its name in a configuration: the permission that the call asks for.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$danger => $label,)* }
            }
        }
    };
}

dangers! {
    /// `DeleteTenant`.
    DeleteTenant = "tenants.delete",
    /// `SuspendTenant`.
    SuspendTenant = "tenants.suspend",
    /// `UpdateTenant`.
    UpdateTenant = "tenants.update",
    /// `DeleteClient`.
    DeleteClient = "clients.delete",
    /// `DisableClient`.
    DisableClient = "clients.disable",
    /// `DeleteUser`.
    DeleteUser = "users.delete",
    /// `DisableUser`.
    DisableUser = "users.disable",
    /// `CompromiseKey`.
    CompromiseKey = "keys.compromise",
    /// `CompromiseTenantKeys`.
    CompromiseTenantKeys = "keys.compromise",
    /// `UpdateKeyPolicy`.
    UpdateKeyPolicy = "key_policies.update",
}

impl FromStr for Danger {
    type Err = &'static str;

    fn from_str(label: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|danger| danger.label() == label);
        found.ok_or("must be the permission of a call that has a preview, such as tenants.delete")
    }
}

#[cfg(test)]
mod tests {
    use chancery_proto::authorization::AUTHORIZATIONS;

    use super::*;

    #[test]
    fn every_danger_is_named_by_the_permission_of_its_call() {
        for danger in Danger::ALL {
            let call = format!("/{danger:?}");
            let found = AUTHORIZATIONS.iter().find(|row| row.path.ends_with(&call)).expect("a call of that name");
            assert_eq!(found.permission, danger.label());
            let preview = format!("/Preview{danger:?}");
            let preview = AUTHORIZATIONS.iter().find(|row| row.path.ends_with(&preview)).expect("a preview");
            assert_eq!((preview.permission, preview.scope), (found.permission, found.scope), "{danger:?}");
        }
    }
}
