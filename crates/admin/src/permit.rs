//! Who may make which call: the contract's annotations say so, and what has none is refused.

use chancery_domain::admin_key::AdminReach;
use chancery_proto::authorization::{AUTHORIZATIONS, Scope};

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

impl From<Scope> for Permit {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Anybody => Self::Anybody,
            Scope::Caller => Self::AnyKey,
            Scope::Platform => Self::Platform,
            // Where no tenant is named, `reach` refuses those who do not reach the platform.
            Scope::Tenant | Scope::Named => Self::WithinTenant,
        }
    }
}

/// The row of a call, by its exact path.
pub(crate) fn row(path: &str) -> Option<(&'static str, Permit)> {
    let of_contract = || AUTHORIZATIONS.iter().find(|call| call.path == path);
    let ours = of_contract().map(|call| (call.path, call.scope.into()));
    ours.or_else(|| ROWS.iter().find(|(method, _)| *method == path).copied())
}

/// The calls that are not of our contract.
const ROWS: &[(&str, Permit)] = &[
    ("/grpc.health.v1.Health/Check", Permit::Anybody),
    ("/grpc.health.v1.Health/Watch", Permit::AnyKey),
    ("/grpc.health.v1.Health/List", Permit::AnyKey),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Permit::AnyKey),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Permit::AnyKey),
];

#[cfg(test)]
mod tests {
    use super::*;

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
        let others = ROWS.iter().map(|(path, _)| *path);
        let paths = AUTHORIZATIONS.iter().map(|call| call.path).chain(others);
        let open: Vec<_> = paths.filter(|path| matches!(row(path), Some((_, Permit::Anybody)))).collect();
        assert_eq!(open, ["/grpc.health.v1.Health/Check"]);
    }
}
