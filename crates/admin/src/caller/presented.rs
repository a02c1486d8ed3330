//! The one credential in the metadata of a call.

use chancery_domain::secret::{OpaqueToken, Secret, TokenKind};
use tonic::codegen::http::{HeaderMap, header::AUTHORIZATION};

use super::api_key;
use crate::status::{Reason, Refusal};

/// A credential as it came in. Nothing is known of it yet.
#[derive(Debug)]
pub(super) enum Presented {
    /// It has the form of an API key.
    ApiKey(OpaqueToken),
    /// It has the form of an access token: three parts with dots between (RFC 7515 section 7.1).
    AccessToken(Secret),
}

impl Presented {
    /// The credential in the one `authorization` entry (RFC 6750 section 2.1); `None` without any entry. More than one,
    /// or one in the binary form of gRPC beside or in its place, is refused: who reads which could differ.
    pub(super) fn read(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        if headers.contains_key("authorization-bin") {
            return Err(missing());
        }
        let mut entries = headers.get_all(AUTHORIZATION).iter();
        let entry = match (entries.next(), entries.next()) {
            (None, _) => return Ok(None),
            (Some(entry), None) => entry,
            (Some(_), Some(_)) => return Err(missing()),
        };
        let (scheme, text) = entry.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(missing());
        }
        if text.split('.').count() == 3 {
            return Ok(Some(Self::AccessToken(Secret::new(text.to_owned()))));
        }
        OpaqueToken::parse(TokenKind::AdminKey, text).map(Self::ApiKey).map(Some).ok_or_else(api_key::refused)
    }
}

/// The refusal of a call that shows no credential, or several.
pub(super) fn missing() -> Refusal {
    let message = "send one `authorization: Bearer` entry with an API key or an access token, or a client certificate";
    Refusal::new(Reason::ApiKeyMissing, message)
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    fn read(entries: &[(&'static str, &str)]) -> Result<&'static str, Reason> {
        let mut headers = HeaderMap::new();
        for (name, entry) in entries {
            headers.append(*name, HeaderValue::from_str(entry).expect("a header"));
        }
        match Presented::read(&headers) {
            Ok(None) => Ok("nothing"),
            Ok(Some(Presented::ApiKey(_))) => Ok("a key"),
            Ok(Some(Presented::AccessToken(_))) => Ok("a token"),
            Err(refusal) => Err(refusal.reason()),
        }
    }

    #[test]
    fn t264_exactly_one_bearer_entry_counts() {
        let key = format!("cha_{}", "A".repeat(43));
        let [key, small] = [format!("Bearer {key}"), format!("bearer {key}")];
        let one = |entry| read(&[("authorization", entry)]);
        assert_eq!((one(&key), one(&small), read(&[])), (Ok("a key"), Ok("a key"), Ok("nothing")));
        assert_eq!(one("Bearer a.b.c"), Ok("a token"));
        for entry in ["cha_A", "Basic eDp5", "Bearer"] {
            assert_eq!(one(entry), Err(Reason::ApiKeyMissing), "{entry}");
        }
        for entry in ["Bearer ", "Bearer chx_AAAA", "Bearer a.b"] {
            assert_eq!(one(entry), Err(Reason::ApiKeyInvalid), "{entry}");
        }
        let twice = read(&[("authorization", &key), ("authorization", &key)]);
        let twin = read(&[("authorization", &key), ("authorization-bin", "QmVhcmVy")]);
        assert_eq!((twice, twin), (Err(Reason::ApiKeyMissing), Err(Reason::ApiKeyMissing)));
        assert_eq!(read(&[("authorization-bin", "QmVhcmVy")]), Err(Reason::ApiKeyMissing));
    }
}
