//! A tenant's resources, ready for the requests that name them.

use std::{collections::HashMap, time::Duration};

use super::Resource;

/// Finds resources by what names them and by the scopes that belong to them.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    all: Vec<Resource>,
    by_identifier: HashMap<String, usize>,
    by_scope: HashMap<String, usize>,
}

impl Resources {
    /// Whatever their rows say, tokens for them live no longer than `promised`: that is for how long the tenant's keys
    /// stay published.
    #[must_use]
    pub fn new(mut all: Vec<Resource>, promised: Duration) -> Self {
        let (mut by_identifier, mut by_scope) = (HashMap::new(), HashMap::new());
        for (at, resource) in all.iter_mut().enumerate() {
            resource.access_token_ttl = resource.access_token_ttl.map(|ttl| ttl.min(promised));
            by_identifier.insert(resource.identifier.to_string(), at);
            by_scope.extend(resource.scopes.iter().map(|scope| (scope.to_string(), at)));
        }
        Self { all, by_identifier, by_scope }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Resource] {
        &self.all
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The one of that identifier.
    #[must_use]
    pub fn find(&self, identifier: &str) -> Option<&Resource> {
        self.by_identifier.get(identifier).and_then(|at| self.all.get(*at))
    }

    /// The one that the scope belongs to.
    #[must_use]
    pub fn owner_of(&self, scope: &str) -> Option<&Resource> {
        self.by_scope.get(scope).and_then(|at| self.all.get(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scope::ScopeSet, time::Timestamp};

    #[test]
    fn resources_are_found_by_identifier_and_by_scope() {
        let resource = |slug: &str, scopes: &str, ttl| Resource {
            scopes: ScopeSet::parse(scopes).expect("scopes"),
            access_token_ttl: Some(Duration::from_secs(ttl)),
            ..Resource::new(
                slug.parse().expect("a slug"),
                format!("urn:{slug}").parse().expect("a URI"),
                Timestamp::from_millis(0),
            )
        };
        let all = vec![resource("orders", "orders:read orders:write", 60), resource("stock", "", 6000)];
        let found = Resources::new(all, Duration::from_secs(600));
        let slug = |resource: Option<&Resource>| resource.map(|resource| resource.slug.to_string());
        assert_eq!(slug(found.find("urn:stock")), Some("stock".to_owned()));
        assert_eq!(slug(found.owner_of("orders:write")), Some("orders".to_owned()));
        assert!(found.find("urn:ORDERS").is_none() && found.owner_of("stock").is_none());
        let lives: Vec<_> =
            found.all().iter().map(|resource| resource.access_token_ttl.map(|ttl| ttl.as_secs())).collect();
        assert_eq!(lives, [Some(60), Some(600)], "no longer than promised");
    }
}
