//! A tenant's mappings, ready for the tokens that they go into.

use serde_json::{Map, Value};

use super::{ClaimMapping, ClaimTarget};
use crate::{id::ClientUid, user::User};

/// Mappings by where they go. Of two that make the same claim, the one with more conditions wins, and among equals the
/// one whose name comes first; one that has no value makes room for the next.
#[derive(Clone, Debug, Default)]
pub struct ClaimMappings {
    id_token: Vec<ClaimMapping>,
    access_token: Vec<ClaimMapping>,
    userinfo: Vec<ClaimMapping>,
}

impl ClaimMappings {
    /// Sorts them into their places.
    #[must_use]
    pub fn new(mut all: Vec<ClaimMapping>) -> Self {
        all.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.slug.cmp(&b.slug)));
        let into = |target| all.iter().filter(|mapping| mapping.targets.contains(&target)).cloned().collect();
        Self {
            id_token: into(ClaimTarget::IdToken),
            access_token: into(ClaimTarget::AccessToken),
            userinfo: into(ClaimTarget::Userinfo),
        }
    }

    /// Those that go there, the weightiest first.
    #[must_use]
    pub fn of(&self, target: ClaimTarget) -> &[ClaimMapping] {
        match target {
            ClaimTarget::IdToken => &self.id_token,
            ClaimTarget::AccessToken => &self.access_token,
            ClaimTarget::Userinfo => &self.userinfo,
        }
    }

    /// Roughly how much memory they take, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let size = |mapping: &ClaimMapping| 512 + mapping.source.bytes();
        self.id_token.iter().chain(&self.access_token).chain(&self.userinfo).map(size).sum()
    }

    /// Those that go there for that client with these scopes.
    pub fn applying<'a>(
        &'a self,
        target: ClaimTarget,
        client: ClientUid,
        has_scope: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a ClaimMapping> {
        self.of(target).iter().filter(move |mapping| {
            mapping.client.as_ref().is_none_or(|only| only.uid == client)
                && mapping.scope.as_ref().is_none_or(|scope| has_scope(scope.as_str()))
        })
    }
}

impl ClaimMapping {
    /// The claims that these make, the weightiest first.
    pub fn claims<'a>(applying: impl Iterator<Item = &'a Self>, user: Option<&User>) -> Map<String, Value> {
        let mut claims = Map::new();
        for mapping in applying {
            if !claims.contains_key(mapping.claim.as_str())
                && let Some(value) = mapping.source.value(user)
            {
                claims.insert(mapping.claim.to_string(), value);
            }
        }
        claims
    }
}

/// A client says more than a scope.
fn weight(mapping: &ClaimMapping) -> u8 {
    2 * u8::from(mapping.client.is_some()) + u8::from(mapping.scope.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        claim_mapping::{ClaimSource, MappedClient},
        time::Timestamp,
        version::Version,
    };

    fn mapping(slug: &str, claim: &str, value: Value) -> ClaimMapping {
        ClaimMapping {
            slug: slug.parse().expect("a slug"),
            claim: claim.parse().expect("a name"),
            source: ClaimSource::Constant(value),
            targets: [ClaimTarget::AccessToken].into(),
            scope: None,
            client: None,
            version: Version::FIRST,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn the_mapping_with_more_conditions_wins() {
        let uid = |n: u128| ClientUid::from_uuid(Uuid::from_u128(n));
        let scoped = |mapping| ClaimMapping { scope: Some("crm".parse().expect("a scope")), ..mapping };
        let of = |n, mapping| {
            let client = Some(MappedClient { uid: uid(n), id: "web".parse().expect("an id") });
            ClaimMapping { client, ..mapping }
        };
        let all = ClaimMappings::new(vec![
            mapping("b-all", "tier", json!("second")),
            mapping("a-all", "tier", json!("first")),
            scoped(mapping("z-scope", "tier", json!("scope"))),
            of(1, mapping("z-client", "tier", json!("client"))),
            of(1, scoped(mapping("z-both", "tier", json!("both")))),
        ]);
        let tier = |client, scope: &str| {
            let applying = all.applying(ClaimTarget::AccessToken, client, |asked| asked == scope);
            ClaimMapping::claims(applying, None)["tier"].clone()
        };
        assert_eq!(tier(uid(2), ""), json!("first"));
        assert_eq!(tier(uid(2), "crm"), json!("scope"));
        assert_eq!(tier(uid(1), ""), json!("client"));
        assert_eq!(tier(uid(1), "crm"), json!("both"));
        assert!(all.of(ClaimTarget::IdToken).is_empty());
    }

    #[test]
    fn a_mapping_without_a_value_makes_room_for_the_next() {
        let of_user = ClaimMapping {
            source: ClaimSource::User("department".to_owned()),
            ..mapping("a-user", "department", json!(0))
        };
        let all = ClaimMappings::new(vec![of_user, mapping("b-usual", "department", json!("none"))]);
        let applying = all.applying(ClaimTarget::AccessToken, ClientUid::from_uuid(Uuid::nil()), |_| false);
        assert_eq!(ClaimMapping::claims(applying, None)["department"], json!("none"));
    }

    #[test]
    fn what_the_server_vouches_for_comes_from_its_own_knowledge() {
        let constant = mapping("a-mail", "email", json!("root@example.com"));
        assert!(constant.clone().checked().is_err());
        let other = ClaimMapping { source: ClaimSource::User("nickname".to_owned()), ..constant.clone() };
        assert!(other.checked().is_err());
        let same = ClaimMapping { source: ClaimSource::User("email".to_owned()), ..constant };
        assert!(same.clone().checked().is_ok());
        assert!(ClaimMapping { targets: [].into(), ..same }.checked().is_err());
    }
}
