//! Who may make which call, as the annotations of the contract say.

/// Where a permission must be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nowhere: whoever calls may.
    Anybody,
    /// Nowhere, but the caller must be known.
    Caller,
    /// For the whole platform.
    Platform,
    /// In the tenant that the request names, or for the whole platform.
    Tenant,
    /// In the tenant that the request names; for the whole platform where it names none.
    Named,
}

/// What one call asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The exact path of the call, such as `/chancery.admin.v1.ClientService/GetClient`.
    pub path: &'static str,
    /// The permission, such as `clients.get`. Empty for [`Scope::Anybody`] and [`Scope::Caller`].
    pub permission: &'static str,
    /// Where it must be held.
    pub scope: Scope,
    /// A person must have signed in a short while ago.
    pub step_up: bool,
    /// The answer tells a secret.
    pub secret_output: bool,
}

/// Every call of the contract.
pub const AUTHORIZATIONS: &[Authorization] = include!(concat!(env!("OUT_DIR"), "/authorizations.rs"));
