//! Who may make which call: one row for each, and what has no row is refused.

use chancery_domain::admin_key::AdminReach;

use crate::{caller::Caller, reach, status::Refusal};

/// What a call asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Nothing: load balancers ask whether the server is up, and are told no more than that.
    Anybody,
    /// An API key, of whatever reach.
    AnyKey,
    /// An API key of the platform.
    Platform,
    /// An API key of the platform, or of the tenant that the body names; `reach` looks at that.
    WithinTenant,
}

impl Permit {
    /// Whether the caller may make the call, as far as can be told before the body is looked at.
    pub(crate) fn admits(self, caller: &Caller) -> Result<(), Refusal> {
        match (self, caller.reach) {
            (Self::Anybody | Self::AnyKey | Self::WithinTenant, _) | (Self::Platform, AdminReach::Platform) => Ok(()),
            (Self::Platform, AdminReach::Tenant(_)) => Err(reach::denied()),
        }
    }
}

/// The row of a call, by its exact path.
pub(crate) fn row(path: &str) -> Option<(&'static str, Permit)> {
    ROWS.iter().find(|(method, _)| *method == path).copied()
}

/// Every call that there is.
const ROWS: &[(&str, Permit)] = &[
    ("/grpc.health.v1.Health/Check", Permit::Anybody),
    ("/grpc.health.v1.Health/Watch", Permit::AnyKey),
    ("/grpc.health.v1.Health/List", Permit::AnyKey),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Permit::AnyKey),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Permit::AnyKey),
    ("/chancery.admin.v1.TenantService/ListTenants", Permit::Platform),
    ("/chancery.admin.v1.TenantService/GetTenant", Permit::WithinTenant),
    ("/chancery.admin.v1.TenantService/CreateTenant", Permit::Platform),
    ("/chancery.admin.v1.TenantService/UpdateTenant", Permit::WithinTenant),
    ("/chancery.admin.v1.TenantService/DeleteTenant", Permit::Platform),
    ("/chancery.admin.v1.TenantService/UndeleteTenant", Permit::Platform),
    ("/chancery.admin.v1.TenantService/SuspendTenant", Permit::Platform),
    ("/chancery.admin.v1.TenantService/ResumeTenant", Permit::Platform),
    ("/chancery.admin.v1.ClientService/ListClients", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/GetClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/CreateClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/UpdateClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/DeleteClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/ListClientSecrets", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/DeleteClientSecret", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/DisableClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/EnableClient", Permit::WithinTenant),
    ("/chancery.admin.v1.ClientService/GenerateClientSecret", Permit::WithinTenant),
    ("/chancery.admin.v1.ScopeService/ListScopes", Permit::WithinTenant),
    ("/chancery.admin.v1.ScopeService/GetScope", Permit::WithinTenant),
    ("/chancery.admin.v1.ScopeService/CreateScope", Permit::WithinTenant),
    ("/chancery.admin.v1.ScopeService/UpdateScope", Permit::WithinTenant),
    ("/chancery.admin.v1.ScopeService/DeleteScope", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/ListUsers", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/GetUser", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/CreateUser", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/UpdateUser", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/DeleteUser", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/SetUserPassword", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/DisableUser", Permit::WithinTenant),
    ("/chancery.admin.v1.UserService/EnableUser", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/ListKeys", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/GetKey", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/GetKeyPolicy", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/UpdateKeyPolicy", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/RotateKeys", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/GetKeyTimeline", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/ImportKey", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/TaintKey", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/CompromiseKey", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/CompromiseTenantKeys", Permit::WithinTenant),
    ("/chancery.admin.v1.KeyService/CompromiseAlgorithm", Permit::Platform),
    ("/chancery.admin.v1.MasterKeyService/ListMasterKeys", Permit::Platform),
    ("/chancery.admin.v1.MasterKeyService/StartRewrap", Permit::Platform),
    ("/chancery.admin.v1.MasterKeyService/PauseRewrap", Permit::Platform),
    ("/chancery.admin.v1.MasterKeyService/ResumeRewrap", Permit::Platform),
    ("/chancery.admin.v1.MasterKeyService/GetRewrap", Permit::Platform),
    ("/chancery.admin.v1.TokenSecretService/ListTokenSecrets", Permit::WithinTenant),
    ("/chancery.admin.v1.TokenSecretService/GenerateTokenSecret", Permit::WithinTenant),
    ("/chancery.admin.v1.TokenSecretService/ActivateTokenSecret", Permit::WithinTenant),
    ("/chancery.admin.v1.TokenSecretService/DeleteTokenSecret", Permit::WithinTenant),
    // Keys of the platform have no parent; `reach` refuses those who do not reach it.
    ("/chancery.admin.v1.ApiKeyService/ListApiKeys", Permit::WithinTenant),
    ("/chancery.admin.v1.ApiKeyService/CreateApiKey", Permit::WithinTenant),
    ("/chancery.admin.v1.ApiKeyService/DeleteApiKey", Permit::WithinTenant),
];

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_call_of_the_contract_has_a_row_and_every_row_a_call() {
        let set = FileDescriptorSet::decode(chancery_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let mut calls = Vec::new();
        for file in &set.file {
            for service in &file.service {
                let path = |method: &str| format!("/{}.{}/{method}", file.package(), service.name());
                calls.extend(service.method.iter().map(|method| path(method.name())));
            }
        }
        let ours = |path: &str| path.starts_with("/chancery.");
        let mut rows: Vec<&str> = ROWS.iter().map(|(path, _)| *path).filter(|path| ours(path)).collect();
        calls.sort_unstable();
        rows.sort_unstable();
        assert_eq!(rows, calls);
    }

    #[test]
    fn a_path_is_matched_exactly() {
        assert!(row("/chancery.admin.v1.TenantService/GetTenant").is_some());
        for path in [
            "chancery.admin.v1.TenantService/GetTenant",
            "//chancery.admin.v1.TenantService/GetTenant",
            "/chancery.admin.v1.TenantService/getTenant",
            "/chancery.admin.v1.TenantService/GetTenant/",
            "/chancery.admin.v1.TenantService/Nothing",
        ] {
            assert!(row(path).is_none(), "{path}");
        }
    }

    #[test]
    fn only_the_health_check_asks_for_no_key() {
        let open: Vec<_> = ROWS.iter().filter(|(_, permit)| *permit == Permit::Anybody).collect();
        assert_eq!(open, [&("/grpc.health.v1.Health/Check", Permit::Anybody)]);
    }
}
