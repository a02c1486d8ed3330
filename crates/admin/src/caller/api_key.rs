//! The API key in `authorization`.

use chancery_domain::{
    principal::Principal,
    secret::{OpaqueToken, TokenKind},
};
use tonic::codegen::http::{HeaderMap, header::AUTHORIZATION};

use super::{Authenticated, Known};
use crate::{
    context::Context,
    status::{Reason, Refusal},
};

/// Whose the key is. One of a tenant is good for that tenant alone.
pub(super) async fn find(cx: &Context, headers: &HeaderMap) -> Result<Known, Refusal> {
    let token = presented(headers)?;
    let found = cx.platform.read().admin_keys().find_by_digest(&token.digest()).await?;
    match found {
        Some(key) if key.is_live(cx.clock.now()) => Ok(Known {
            principal: Principal::ApiKey(key.id),
            authenticated: Authenticated::ApiKey,
            within: key.reach,
            born: None,
        }),
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
