//! The checks of an ID token (OpenID Connect Core section 3.1.3.7), in its order.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_resource_server::{Algorithm, Verified};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};
use shake::{ExtendableOutput, Shake256};

use crate::error::SignInError;

/// How much clocks may differ, in seconds.
pub(crate) const LEEWAY: i64 = 60;

/// What an ID token is held against.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) access_token: &'a str,
    /// The `max_age` that was asked for, in seconds.
    pub(crate) max_age: Option<u32>,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// The claims of a token that the provider signed, if they are those of this sign-in.
pub(crate) fn check(token: Verified, expected: &Expected<'_>) -> Result<Map<String, Value>, SignInError> {
    let claims = &token.claims;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &'static str| claims.get(name).and_then(Value::as_i64).ok_or(SignInError::Claim(name));
    let must = |holds: bool, name| if holds { Ok(()) } else { Err(SignInError::Claim(name)) };
    // Another kind of token with the right claims is no ID token (RFC 8725 section 3.12).
    must(token.typ.as_deref().is_none_or(|typ| typ == "jwt"), "typ")?;
    must(text("iss") == Some(expected.issuer), "iss")?;
    must(is_for(claims.get("aud"), expected.client_id), "aud")?;
    must(claims.get("azp").is_none_or(|azp| azp.as_str() == Some(expected.client_id)), "azp")?;
    must(expected.now < seconds("exp")?.saturating_add(LEEWAY), "exp")?;
    must(seconds("iat")? <= expected.now.saturating_add(LEEWAY), "iat")?;
    must(text("nonce") == Some(expected.nonce), "nonce")?;
    must(text("sub").is_some_and(|sub| (1..=255).contains(&sub.len())), "sub")?;
    if let Some(max_age) = expected.max_age {
        let age = expected.now.saturating_sub(seconds("auth_time")?);
        must(age <= i64::from(max_age).saturating_add(LEEWAY), "auth_time")?;
    }
    if let Some(hash) = claims.get("at_hash") {
        must(hash.as_str() == Some(&at_hash(token.algorithm, expected.access_token)), "at_hash")?;
    }
    Ok(token.claims)
}

/// Whether it is for this client and nobody else: we trust no other audience.
pub(crate) fn is_for(audience: Option<&Value>, client_id: &str) -> bool {
    match audience {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(many)) => {
            !many.is_empty() && many.iter().all(|audience| audience.as_str() == Some(client_id))
        }
        _ => false,
    }
}

/// The left half of the hash that goes with the algorithm (OpenID Connect Core section 3.1.3.6).
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => Sha256::digest(access_token).to_vec(),
        Algorithm::Es384 | Algorithm::Rs384 | Algorithm::Ps384 => Sha384::digest(access_token).to_vec(),
        Algorithm::Es512 | Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => {
            Sha512::digest(access_token).to_vec()
        }
        // The hash that signing uses; 64 bytes of it are what other libraries take.
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
            let mut hash = vec![0; 64];
            <Shake256 as ExtendableOutput>::digest_xof(access_token, &mut hash);
            hash
        }
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_772_366_400;

    fn refusal(changes: Value, max_age: Option<u32>) -> Option<&'static str> {
        let mut claims = json!({
            "iss": "https://id.example", "aud": "app", "sub": "ada", "nonce": "n", "iat": NOW, "exp": NOW + 600,
            "auth_time": NOW - 100, "at_hash": at_hash(Algorithm::Es256, "token"),
        });
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        for (name, value) in changes {
            claims[name] = value;
        }
        let Value::Object(mut claims) = claims else { panic!("claims are an object") };
        claims.retain(|_, value| !value.is_null());
        let typ = claims.remove("typ").and_then(|typ| typ.as_str().map(str::to_owned));
        let (issuer, client_id, nonce, access_token) = ("https://id.example", "app", "n", "token");
        let expected = Expected { issuer, client_id, nonce, access_token, max_age, now: NOW };
        match check(Verified { algorithm: Algorithm::Es256, typ, claims }, &expected) {
            Ok(_) => None,
            Err(SignInError::Claim(name)) => Some(name),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_id_token_is_of_this_sign_in() {
        let good = [
            json!({}),
            json!({ "aud": ["app"], "azp": "app", "typ": "jwt" }),
            json!({ "exp": NOW - 59 }),
            json!({ "iat": NOW + 60 }),
            json!({ "at_hash": null, "auth_time": null }),
        ];
        for changes in good {
            assert_eq!(refusal(changes.clone(), None), None, "{changes}");
        }
        let bad = [
            (json!({ "typ": "at+jwt" }), "typ"),
            (json!({ "iss": "https://id.example/" }), "iss"),
            (json!({ "aud": "other" }), "aud"),
            (json!({ "aud": ["app", "other"], "azp": "app" }), "aud"),
            (json!({ "aud": [] }), "aud"),
            (json!({ "aud": null }), "aud"),
            (json!({ "azp": "other" }), "azp"),
            (json!({ "exp": NOW - 60 }), "exp"),
            (json!({ "exp": null }), "exp"),
            (json!({ "iat": NOW + 61 }), "iat"),
            (json!({ "nonce": "other" }), "nonce"),
            (json!({ "nonce": null }), "nonce"),
            (json!({ "sub": "" }), "sub"),
            (json!({ "at_hash": "AAAA" }), "at_hash"),
        ];
        for (changes, name) in bad {
            assert_eq!(refusal(changes.clone(), None), Some(name), "{changes}");
        }
        assert_eq!(refusal(json!({}), Some(40)), None);
        assert_eq!(refusal(json!({}), Some(39)), Some("auth_time"));
        assert_eq!(refusal(json!({ "auth_time": null }), Some(3600)), Some("auth_time"));
    }

    #[test]
    fn ml_dsa_hashes_with_shake() {
        // By Python's `hashlib`.
        assert_eq!(at_hash(Algorithm::MlDsa87, "token"), "ZpsVsPHyCxw-L854tH1BSHo_uyeotZeU9GcDngReCYY");
    }
}
