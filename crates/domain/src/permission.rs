//! What callers of the admin API can be allowed to do: a closed list, and sets of it.
//!
//! Each permission is asked for by a call of the contract, by the same code. To add one: a line here, and one in
//! `role` that says which built-in roles have it.

use std::{fmt, str::FromStr};

use crate::fault::Malformed;

/// Declares the permissions with the codes that the contract has for them.
macro_rules! permissions {
    ($($permission:ident = $code:literal,)*) => {
        /// Something that a caller can be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $(#[doc = concat!("`", $code, "`")] $permission,)* }

        impl Permission {
            /// Every permission, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$permission,)*];

            /// The noun in the plural, a dot, and the verb.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$permission => $code,)* }
            }
        }
    };
}

permissions! {
    ApiKeysCreate = "api_keys.create",
    ApiKeysDelete = "api_keys.delete",
    ApiKeysList = "api_keys.list",
    AuditCheckpointsCreate = "audit_checkpoints.create",
    AuditEventsExport = "audit_events.export",
    AuditEventsGet = "audit_events.get",
    AuditEventsList = "audit_events.list",
    AuditEventsWatch = "audit_events.watch",
    AuditKeysList = "audit_keys.list",
    ChangesWatch = "changes.watch",
    ClaimMappingsCreate = "claim_mappings.create",
    ClaimMappingsDelete = "claim_mappings.delete",
    ClaimMappingsGet = "claim_mappings.get",
    ClaimMappingsList = "claim_mappings.list",
    ClaimMappingsUpdate = "claim_mappings.update",
    ClientSecretsDelete = "client_secrets.delete",
    ClientSecretsGenerate = "client_secrets.generate",
    ClientSecretsList = "client_secrets.list",
    ClientsCreate = "clients.create",
    ClientsDelete = "clients.delete",
    ClientsDisable = "clients.disable",
    ClientsEnable = "clients.enable",
    ClientsGet = "clients.get",
    ClientsList = "clients.list",
    ClientsUpdate = "clients.update",
    ConsentsGet = "consents.get",
    ConsentsList = "consents.list",
    ConsentsRevoke = "consents.revoke",
    EncryptionKeysDelete = "encryption_keys.delete",
    EncryptionKeysList = "encryption_keys.list",
    EncryptionKeysRotate = "encryption_keys.rotate",
    GrantsGet = "grants.get",
    GrantsList = "grants.list",
    GrantsRevoke = "grants.revoke",
    GrantsRevokeToken = "grants.revoke_token",
    InitialAccessTokensCreate = "initial_access_tokens.create",
    InitialAccessTokensDelete = "initial_access_tokens.delete",
    InitialAccessTokensList = "initial_access_tokens.list",
    KeyPoliciesGet = "key_policies.get",
    KeyPoliciesUpdate = "key_policies.update",
    KeysCompromise = "keys.compromise",
    KeysGet = "keys.get",
    KeysImport = "keys.import",
    KeysList = "keys.list",
    KeysRotate = "keys.rotate",
    KeysTaint = "keys.taint",
    MasterKeysGet = "master_keys.get",
    MasterKeysList = "master_keys.list",
    MasterKeysRewrap = "master_keys.rewrap",
    ResourcesCreate = "resources.create",
    ResourcesDelete = "resources.delete",
    ResourcesGet = "resources.get",
    ResourcesList = "resources.list",
    ResourcesUpdate = "resources.update",
    RoleBindingsCreate = "role_bindings.create",
    RoleBindingsDelete = "role_bindings.delete",
    RoleBindingsGet = "role_bindings.get",
    RoleBindingsList = "role_bindings.list",
    RolesCreate = "roles.create",
    RolesDelete = "roles.delete",
    RolesGet = "roles.get",
    RolesList = "roles.list",
    RolesUpdate = "roles.update",
    ScopesCreate = "scopes.create",
    ScopesDelete = "scopes.delete",
    ScopesGet = "scopes.get",
    ScopesList = "scopes.list",
    ScopesUpdate = "scopes.update",
    SessionsGet = "sessions.get",
    SessionsList = "sessions.list",
    SessionsRevoke = "sessions.revoke",
    TenantDocumentsApply = "tenant_documents.apply",
    TenantDocumentsDrift = "tenant_documents.drift",
    TenantDocumentsExport = "tenant_documents.export",
    TenantDocumentsPlan = "tenant_documents.plan",
    TenantsCreate = "tenants.create",
    TenantsDelete = "tenants.delete",
    TenantsGet = "tenants.get",
    TenantsList = "tenants.list",
    TenantsResume = "tenants.resume",
    TenantsSuspend = "tenants.suspend",
    TenantsUndelete = "tenants.undelete",
    TenantsUpdate = "tenants.update",
    TokenSecretsActivate = "token_secrets.activate",
    TokenSecretsDelete = "token_secrets.delete",
    TokenSecretsGenerate = "token_secrets.generate",
    TokenSecretsList = "token_secrets.list",
    TrustedIssuersCreate = "trusted_issuers.create",
    TrustedIssuersDelete = "trusted_issuers.delete",
    TrustedIssuersGet = "trusted_issuers.get",
    TrustedIssuersList = "trusted_issuers.list",
    TrustedIssuersUpdate = "trusted_issuers.update",
    UsersCreate = "users.create",
    UsersCreatePasswordLink = "users.create_password_link",
    UsersDelete = "users.delete",
    UsersDisable = "users.disable",
    UsersEnable = "users.enable",
    UsersGet = "users.get",
    UsersList = "users.list",
    UsersUpdate = "users.update",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Permission {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.iter().copied().find(|permission| permission.code() == text);
        found.ok_or(Malformed::new("permission", "must be a permission that there is, such as clients.get"))
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet([u64; WORDS]);

const WORDS: usize = 4;
const _: () = assert!(Permission::ALL.len() <= WORDS * 64, "a set has room for every permission");

impl PermissionSet {
    /// The set of none.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// The set of all.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Adds one.
    pub const fn insert(&mut self, permission: Permission) {
        let place = permission as usize;
        self.0[place / 64] |= 1 << (place % 64);
    }

    /// Whether that one is in it.
    #[must_use]
    pub const fn contains(&self, permission: Permission) -> bool {
        let place = permission as usize;
        self.0[place / 64] & (1 << (place % 64)) != 0
    }

    /// Whether everything in the other is in this.
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// What is in it, in the order of the codes.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + use<> {
        let set = *self;
        Permission::ALL.iter().copied().filter(move |permission| set.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        let mut set = Self::EMPTY;
        permissions.into_iter().for_each(|permission| set.insert(permission));
        set
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::code)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_each_is_read_as_it_is_written() {
        assert!(Permission::ALL.is_sorted_by_key(|permission| permission.code()), "an ordered list merges well");
        for permission in Permission::ALL {
            assert_eq!(permission.code().parse::<Permission>().as_ref(), Ok(permission));
        }
        assert!("clients.".parse::<Permission>().is_err() && "Clients.get".parse::<Permission>().is_err());
    }

    #[test]
    fn sets_compare_by_what_is_in_them() {
        let few: PermissionSet = [Permission::ClientsGet, Permission::UsersUpdate].into_iter().collect();
        let one: PermissionSet = [Permission::UsersUpdate].into_iter().collect();
        assert!(few.is_superset(&one) && !one.is_superset(&few) && few.is_superset(&few));
        assert!(few.is_superset(&PermissionSet::EMPTY) && PermissionSet::all().is_superset(&few));
        assert_eq!(few.minus(&one).iter().collect::<Vec<_>>(), [Permission::ClientsGet]);
        assert_eq!(one.union(&few), few);
        assert!(one.minus(&few).is_empty() && !one.is_empty());
        assert_eq!(PermissionSet::all().iter().count(), Permission::ALL.len());
    }
}
