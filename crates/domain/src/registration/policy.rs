//! What a tenant allows clients that register themselves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::RegistrableHost;
use crate::{
    fault::Malformed,
    scope::{BuiltInScope, ScopeSet, ScopeValue},
    tenant::Tenant,
    vocabulary::{ClientAuthMethod, GrantType},
};

/// Who may register a client at the registration endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationAccess {
    /// Nobody.
    #[default]
    Closed,
    /// Whoever has an initial access token (RFC 7591 section 1.2).
    InitialAccessToken,
    /// Everybody.
    Open,
}

/// What a tenant allows clients that register themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegistrationPolicy {
    /// Who may.
    pub access: RegistrationAccess,
    /// The scopes that they may have; none stands for those that every tenant has.
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
    /// The grants that they may use; none stands for those with a person behind them, as far as the tenant offers them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub grant_types: BTreeSet<GrantType>,
    /// How they may authenticate; none stands for every way.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub auth_methods: BTreeSet<ClientAuthMethod>,
    /// The hosts that they may lead browsers and people to; none stands for every host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<RegistrableHost>,
    /// So many of them there are at most.
    pub most_clients: u32,
    /// So many of them are made within an hour at most.
    pub most_per_hour: u32,
    /// So many registrations come from one source address within an hour at most.
    pub most_per_source: u32,
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        Self {
            access: RegistrationAccess::Closed,
            scopes: ScopeSet::default(),
            grant_types: BTreeSet::new(),
            auth_methods: BTreeSet::new(),
            hosts: Vec::new(),
            most_clients: 1000,
            most_per_hour: 100,
            most_per_source: 20,
        }
    }
}

impl RegistrationPolicy {
    /// At most so many hosts.
    pub const MOST_HOSTS: usize = 100;

    /// More clients that registered themselves no tenant has.
    pub const MOST_CLIENTS: u32 = 100_000;

    /// Whether nothing was said about it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anybody may register a client.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        match self.access {
            RegistrationAccess::Closed => true,
            RegistrationAccess::InitialAccessToken | RegistrationAccess::Open => false,
        }
    }

    /// The scopes that such a client may have.
    #[must_use]
    pub fn scopes(&self) -> ScopeSet {
        if self.scopes.is_empty() {
            BuiltInScope::ALL.iter().filter_map(|scope| scope.value.parse::<ScopeValue>().ok()).collect()
        } else {
            self.scopes.clone()
        }
    }

    /// The grants that such a client may use at that tenant.
    #[must_use]
    pub fn grant_types(&self, tenant: &Tenant) -> BTreeSet<GrantType> {
        let usual = |grant: GrantType| match grant {
            GrantType::AuthorizationCode | GrantType::Implicit | GrantType::RefreshToken => true,
            GrantType::ClientCredentials | GrantType::TokenExchange | GrantType::DeviceCode | GrantType::JwtBearer => {
                false
            }
        };
        let among = |grant| if self.grant_types.is_empty() { usual(grant) } else { self.grant_types.contains(&grant) };
        GrantType::ALL.iter().copied().filter(|grant| tenant.offers(*grant) && among(*grant)).collect()
    }

    /// Whether such a client may authenticate like that.
    #[must_use]
    pub fn admits(&self, method: ClientAuthMethod) -> bool {
        self.auth_methods.is_empty() || self.auth_methods.contains(&method)
    }

    /// Whether such a client may lead a browser or somebody to that URI. One without a host leads to no host that is named.
    #[must_use]
    pub fn admits_place(&self, uri: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|host| host.has(uri))
    }

    /// Refuses numbers that bound nothing.
    pub(crate) fn check(&self) -> Result<(), Malformed> {
        if !(1..=Self::MOST_CLIENTS).contains(&self.most_clients) {
            return Err(Malformed::new("registration.most_clients", "must be from 1 to 100000"));
        }
        if !(1..=Self::MOST_CLIENTS).contains(&self.most_per_hour) {
            return Err(Malformed::new("registration.most_per_hour", "must be from 1 to 100000"));
        }
        if !(1..=Self::MOST_CLIENTS).contains(&self.most_per_source) {
            return Err(Malformed::new("registration.most_per_source", "must be from 1 to 100000"));
        }
        Ok(())
    }
}
