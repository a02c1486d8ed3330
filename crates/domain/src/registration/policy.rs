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
    /// A client that got no token and that nobody signed in to for so many days goes; where nothing is said,
    /// [`Self::days_unused`] tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused_days: Option<u32>,
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
            unused_days: None,
        }
    }
}

impl RegistrationPolicy {
    /// At most so many hosts.
    pub const MOST_HOSTS: usize = 100;

    /// More clients that registered themselves no tenant has.
    pub const MOST_CLIENTS: u32 = 100_000;

    /// So many days go by unused at most where everybody may register a client, unless something else is said.
    pub const USUAL_UNUSED_DAYS: u32 = 90;

    /// More days than these are never waited for: a century.
    pub const MOST_UNUSED_DAYS: u32 = 36_500;

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

    /// After how many days without a token and without a sign-in such a client goes; never where only those may register one
    /// who were let in, unless something else is said.
    #[must_use]
    pub const fn days_unused(&self) -> Option<u32> {
        match (self.unused_days, self.access) {
            (Some(days), _) => Some(days),
            (None, RegistrationAccess::Open) => Some(Self::USUAL_UNUSED_DAYS),
            (None, RegistrationAccess::Closed | RegistrationAccess::InitialAccessToken) => None,
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
        if self.unused_days.is_some_and(|days| !(1..=Self::MOST_UNUSED_DAYS).contains(&days)) {
            return Err(Malformed::new("registration.unused_days", "must be from 1 to 36500"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_go_after_ninety_unused_days_and_guests_stay() {
        let policy = |access, unused_days| RegistrationPolicy { access, unused_days, ..Default::default() };
        assert_eq!(policy(RegistrationAccess::Open, None).days_unused(), Some(90));
        assert_eq!(policy(RegistrationAccess::Open, Some(7)).days_unused(), Some(7));
        assert_eq!(policy(RegistrationAccess::InitialAccessToken, None).days_unused(), None);
        assert_eq!(policy(RegistrationAccess::InitialAccessToken, Some(400)).days_unused(), Some(400));
        assert_eq!(policy(RegistrationAccess::Closed, None).days_unused(), None);
        for (days, good) in [(0, false), (1, true), (36_500, true), (36_501, false)] {
            assert_eq!(policy(RegistrationAccess::Open, Some(days)).check().is_ok(), good, "{days}");
        }
    }
}
