//! What a tenant allows clients that register themselves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    fault::Malformed,
    scope::{BuiltInScope, ScopeSet, ScopeValue},
    tenant::Tenant,
    vocabulary::{ClientAuthMethod, GrantType, ResponseType},
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
            most_clients: 1000,
            most_per_hour: 100,
            most_per_source: 20,
        }
    }
}

impl RegistrationPolicy {
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
        let front = tenant.response_types().any(ResponseType::has_front_channel_token);
        let fits = |grant: &GrantType| match grant {
            GrantType::Implicit => front,
            GrantType::AuthorizationCode | GrantType::RefreshToken => true,
            GrantType::ClientCredentials => !self.grant_types.is_empty(),
        };
        let among = |grant: &GrantType| self.grant_types.is_empty() || self.grant_types.contains(grant);
        GrantType::ALL.iter().copied().filter(|grant| fits(grant) && among(grant)).collect()
    }

    /// Whether such a client may authenticate like that.
    #[must_use]
    pub fn admits(&self, method: ClientAuthMethod) -> bool {
        self.auth_methods.is_empty() || self.auth_methods.contains(&method)
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
