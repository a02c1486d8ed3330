//! The compact form of a signed token (RFC 7515 section 3.1), read strictly.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{json, jwk::Algorithm, rejection::Rejection};

/// Longer tokens are refused before they are looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// A token whose form is right, and nothing else is known of it.
pub(crate) struct Unverified<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) claims: Map<String, Value>,
    /// What was signed.
    pub(crate) message: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

/// A token with a signature of its issuer. Nothing has been said of its type, time and audience yet.
#[derive(Clone)]
pub struct Verified {
    /// What it was signed with.
    pub algorithm: Algorithm,
    /// The `typ` of its header, in lower case and without `application/`.
    pub typ: Option<String>,
    /// What it claims.
    pub claims: Map<String, Value>,
}

/// Shows no claims: they tell about people.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("algorithm", &self.algorithm).field("typ", &self.typ).finish_non_exhaustive()
    }
}

impl<'a> Unverified<'a> {
    /// Reads the form.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Rejection> {
        if token.len() > LONGEST {
            return Err(Rejection::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Rejection::Malformed);
        };
        let message = &token.as_bytes()[..header.len() + 1 + claims.len()];
        let header = json::object(&decode(header)?).ok_or(Rejection::Malformed)?;
        let claims = json::object(&decode(claims)?).ok_or(Rejection::Malformed)?;
        // We understand no extension, so none may be critical (RFC 7515 section 4.1.11).
        if header.contains_key("crit") {
            return Err(Rejection::Malformed);
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Rejection::Malformed),
        };
        let algorithm = text("alg")?.ok_or(Rejection::Malformed)?;
        let algorithm = Algorithm::from_name(algorithm).ok_or(Rejection::Algorithm)?;
        let (key, typ) = (text("kid")?.map(str::to_owned), text("typ")?.map(media_type));
        Ok(Self { algorithm, key, typ, claims, message, signature: decode(signature)? })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Rejection> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::Malformed)
}

/// `typ` is a media type that may go without `application/` (RFC 7515 section 4.1.9).
fn media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map_or_else(|| typ.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    fn refusal(token: &str) -> Option<Rejection> {
        Unverified::parse(token).err()
    }

    #[test]
    fn only_the_exact_form_is_read() {
        let good = token(r#"{"alg":"ES256","kid":"k","typ":"application/AT+JWT"}"#, "{}");
        assert_eq!(Unverified::parse(&good).ok().and_then(|token| token.typ).as_deref(), Some("at+jwt"));
        let malformed = [
            String::new(),
            "a.b".to_owned(),
            format!("{good}.x"),
            format!("{good}.."),
            format!("{good}="),
            format!(" {good}"),
            ".".repeat(10_000),
            "x".repeat(1_000_000),
            good.replace("AAAA", "AAB"),
            token(r#"{"alg":"ES256","alg":"ES256"}"#, "{}"),
            token(r#"{"alg":"ES256"}"#, r#"{"sub":"a","sub":"b"}"#),
            token(r#"{"alg":"ES256","crit":["exp"]}"#, "{}"),
            token(r#"{"alg":"ES256","kid":1}"#, "{}"),
            token(r#"{"alg":"ES256"}"#, "[]"),
            token("{}", "{}"),
        ];
        for bad in malformed {
            assert_eq!(refusal(&bad), Some(Rejection::Malformed), "{}", &bad[..bad.len().min(99)]);
        }
        for alg in ["none", "None", "HS256", "es256", "ES256K", ""] {
            assert_eq!(refusal(&token(&format!(r#"{{"alg":"{alg}"}}"#), "{}")), Some(Rejection::Algorithm), "{alg}");
        }
    }
}
