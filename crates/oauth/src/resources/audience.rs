//! Whom an access token is for, and what follows from that for its life and its signature.

use std::time::Duration;

use chancery_domain::{
    resource::{Resource, ResourceSet},
    scope::ScopeSet,
    view::TenantView,
    vocabulary::Algorithm,
};
use serde::{Serialize, Serializer};

/// The parties that an access token is for: at least one.
#[derive(Debug)]
pub(crate) struct Audience<'a> {
    /// Whether this server's own endpoints are meant.
    home: bool,
    /// The resources, in the order of their identifiers. Most tokens have none, and then nothing is allocated.
    resources: Vec<&'a Resource>,
}

impl<'a> Audience<'a> {
    /// Those that were named; or those that the scopes are for.
    pub(crate) fn of(view: &'a TenantView, named: &ResourceSet, scopes: &ScopeSet) -> Self {
        if view.resources.is_empty() {
            return Self { home: true, resources: Vec::new() };
        }
        let mut resources: Vec<_> = if named.is_empty() {
            scopes.iter().filter_map(|scope| view.resources.owner_of(scope.as_str())).collect()
        } else {
            named.iter().filter_map(|uri| view.resources.find(uri.as_str())).collect()
        };
        resources.sort_by(|one, other| one.identifier.cmp(&other.identifier));
        resources.dedup_by(|one, other| one.identifier == other.identifier);
        let home = if named.is_empty() {
            resources.is_empty() || scopes.contains("openid")
        } else {
            named.contains(view.issuer.as_str())
        };
        Self { home, resources }
    }

    /// What names them; this server by its issuer.
    pub(crate) fn identifiers(&self, view: &TenantView) -> ResourceSet {
        let home = self.home.then(|| view.issuer.as_str().parse().ok()).flatten();
        home.into_iter().chain(self.resources.iter().map(|resource| resource.identifier.clone())).collect()
    }

    /// The shortest life that one of them asks for: each may rely on it. Where one asks for none it is that of the client,
    /// which no token outlives, or else the tenant's.
    pub(crate) fn ttl(&self, view: &TenantView, own: Option<Duration>) -> Duration {
        let usual = own.unwrap_or(view.tenant.settings.access_token_ttl);
        let lives = self.resources.iter().map(|resource| resource.access_token_ttl.unwrap_or(usual));
        let lives = lives.chain(own);
        lives.chain(self.home.then_some(usual)).min().unwrap_or(usual)
    }

    /// What the resources agree on, as long as there is a key for it; else the tenant's default.
    pub(crate) fn algorithm(&self, view: &TenantView) -> Algorithm {
        let mut asked = self.resources.iter().map(|resource| resource.signing_algorithm);
        let first = asked.next().flatten().filter(|algorithm| view.signing_algorithms.contains(algorithm));
        match first {
            Some(algorithm) if asked.all(|other| other == Some(algorithm)) => algorithm,
            Some(_) | None => view.default_algorithm(),
        }
    }

    /// The claim `aud`, in which `home` is what this server is called.
    pub(crate) const fn claim(&'a self, home: &'a str) -> Aud<'a> {
        Aud { audience: self, home }
    }
}

/// A text where it is one party, and else a list (RFC 7519 section 4.1.3).
pub(crate) struct Aud<'a> {
    audience: &'a Audience<'a>,
    home: &'a str,
}

impl Serialize for Aud<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resources = self.audience.resources.iter().map(|resource| resource.identifier.as_str());
        match (self.audience.home, self.audience.resources.as_slice()) {
            (true, []) => serializer.serialize_str(self.home),
            (false, [only]) => serializer.serialize_str(only.identifier.as_str()),
            (home, _) => serializer.collect_seq(home.then_some(self.home).into_iter().chain(resources)),
        }
    }
}
