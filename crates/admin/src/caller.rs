//! Who is calling: the API key in `authorization`, looked up before the body is looked at.

use chancery_domain::{
    admin_key::AdminReach,
    id::AdminKeyId,
    secret::{OpaqueToken, TokenKind},
};
use tonic::codegen::http::{HeaderMap, header::AUTHORIZATION};

use crate::{
    context::Context,
    status::{Reason, Refusal},
};

/// A caller whose API key is good. Made here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The id of the API key.
    pub(crate) id: AdminKeyId,
    /// How far it reaches.
    pub(crate) reach: AdminReach,
    _made_here: (),
}

/// Finds the caller. Unknown, deleted and expired keys look the same.
pub(crate) async fn authenticate(cx: &Context, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let token = presented(headers)?;
    let found = cx.platform.read().admin_keys().find_by_digest(&token.digest()).await?;
    match found {
        Some(key) if key.is_live(cx.clock.now()) => Ok(Caller { id: key.id, reach: key.reach, _made_here: () }),
        Some(_) | None => Err(refused()),
    }
}

/// Whether a caller who was let in a while ago would be let in again.
pub(crate) async fn recheck(cx: &Context, caller: &Caller) -> Result<(), Refusal> {
    match cx.platform.read().admin_keys().find(caller.id).await? {
        Some(key) if key.is_live(cx.clock.now()) && key.reach == caller.reach => Ok(()),
        Some(_) | None => Err(refused()),
    }
}

/// The one key in the one `authorization` entry (RFC 6750 section 2.1).
fn presented(headers: &HeaderMap) -> Result<OpaqueToken, Refusal> {
    let missing = || Refusal::new(Reason::ApiKeyMissing, "send one `authorization: Bearer` entry with an API key");
    let mut entries = headers.get_all(AUTHORIZATION).iter();
    let (Some(entry), None) = (entries.next(), entries.next()) else { return Err(missing()) };
    let (scheme, key) = entry.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    OpaqueToken::parse(TokenKind::AdminKey, key).ok_or_else(refused)
}

fn refused() -> Refusal {
    Refusal::new(Reason::ApiKeyInvalid, "this API key is not accepted")
}

#[cfg(test)]
impl Caller {
    /// A caller who showed no key.
    pub(crate) const fn in_test(id: AdminKeyId, reach: AdminReach) -> Self {
        Self { id, reach, _made_here: () }
    }
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    fn reason(entries: &[&str]) -> Option<tonic::Code> {
        let mut headers = HeaderMap::new();
        for entry in entries {
            headers.append(AUTHORIZATION, HeaderValue::from_str(entry).expect("a header"));
        }
        presented(&headers).err().map(|refusal| refusal.into_status("t").code())
    }

    #[test]
    fn exactly_one_bearer_entry_counts() {
        let key = format!("cha_{}", "A".repeat(43));
        assert_eq!(reason(&[&format!("Bearer {key}")]), None);
        assert_eq!(reason(&[&format!("bearer {key}")]), None);
        let refused = Some(tonic::Code::Unauthenticated);
        for entries in [
            vec![],
            vec![key.as_str()],
            vec!["Bearer "],
            vec!["Basic eDp5"],
            vec!["Bearer chx_AAAA"],
            vec!["Bearer a", "Bearer b"],
        ] {
            assert_eq!(reason(&entries), refused, "{entries:?}");
        }
    }
}
