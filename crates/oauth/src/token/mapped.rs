//! What the tenant's claim mappings add to the tokens of one answer, and the single claims that its request named.

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimTarget},
    fault::Fault,
};
use serde_json::{Map, Value};

use super::{Call, granted::Granted};
use crate::named;

/// Claims beyond the usual; mostly none.
#[derive(Default)]
pub(super) struct Mapped {
    pub(super) access: Map<String, Value>,
    pub(super) id: Map<String, Value>,
}

impl Mapped {
    /// Those that apply. The user is read only where one of them asks for what is known of the user.
    pub(super) async fn of(call: &Call<'_>, granted: &Granted) -> Result<Self, Fault> {
        let has_scope = |scope: &str| granted.scopes.contains(scope);
        let of = |target| call.view.claim_mappings.applying(target, call.client.uid, has_scope);
        let both = || of(ClaimTarget::AccessToken).chain(of(ClaimTarget::IdToken));
        let named = granted.authentication.as_ref().map(|it| &it.claims).filter(|named| !named.is_empty());
        if named.is_none() && both().next().is_none() {
            return Ok(Self::default());
        }
        let needs_user = named.is_some() || both().any(|mapping| mapping.source.needs_user());
        let user = match &granted.authentication {
            Some(authentication) if needs_user => {
                let rows = call.cx.store.read(call.view.tenant.id);
                rows.users().find(authentication.user).await?
            }
            Some(_) | None => None,
        };
        let mut id = match (named, &user) {
            (Some(named), Some(user)) => named::claims(call.view, call.client, named, user),
            _ => Map::new(),
        };
        let claims = |target| ClaimMapping::claims(of(target), user.as_ref());
        id.extend(claims(ClaimTarget::IdToken));
        Ok(Self { access: claims(ClaimTarget::AccessToken), id })
    }
}

/// The same claims and these: no mapping makes one that is there already.
pub(super) fn with(mut claims: Vec<u8>, mapped: &Map<String, Value>) -> Result<Vec<u8>, Fault> {
    if mapped.is_empty() {
        return Ok(claims);
    }
    let more = serde_json::to_vec(mapped).map_err(|error| Fault::broken("claims cannot be written", error))?;
    // The brace at the end of the one object and that at the beginning of the other make room for a comma.
    claims.pop();
    claims.push(b',');
    claims.extend_from_slice(more.get(1..).unwrap_or_default());
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_added_to_the_end() {
        let mapped = json!({ "b": [1, "\"}"], "c": { "d": null } });
        let mapped = mapped.as_object().expect("an object");
        let joined = with(br#"{"a":1}"#.to_vec(), mapped).expect("claims");
        assert_eq!(String::from_utf8_lossy(&joined), r#"{"a":1,"b":[1,"\"}"],"c":{"d":null}}"#);
        assert_eq!(with(b"{}".to_vec(), &Map::new()).expect("claims"), b"{}");
    }
}
