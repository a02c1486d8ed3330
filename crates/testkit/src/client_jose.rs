//! Keys of clients for tests: JWK Sets of the real form, and no cryptography to speak of.

use std::sync::Arc;

use chancery_domain::{
    client::{Client, Encryption},
    confirmation::Thumbprint,
    fault::Malformed,
    ports::{
        client_jose::{
            ClientJws, ClientKeySet, ClientMacs, Content, LONGEST_KEY_SET, LONGEST_TEXT, MOST_KEYS, NotEncrypted,
            ReadClientKeys, SelfSigned, TypRule,
        },
        jose::Untrusted,
    },
    secret::{Digest, base64url, from_base64url},
    time::Timestamp,
    vocabulary::{Algorithm, ClientAlgorithm, KeyManagement, MacAlgorithm},
};
use serde_json::{Map, Value, json};

use crate::jose::FakeKeys;

/// A key that a client of a test signs with, and reads with what is encrypted for it.
#[derive(Clone, Debug)]
pub struct FakeClientKey {
    kid: String,
    algorithm: Algorithm,
}

impl FakeClientKey {
    /// The key of that name and algorithm. Two of the same are the same key.
    #[must_use]
    pub fn new(kid: &str, algorithm: Algorithm) -> Self {
        Self { kid: kid.to_owned(), algorithm }
    }

    /// Its public part, as it is registered.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let kty = if self.algorithm.is_rsa() { "RSA" } else { "EC" };
        json!({ "kty": kty, "kid": self.kid, "alg": self.algorithm })
    }

    /// The JWK Set with that key alone.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    /// A compact JWS over the claims, with that `typ`.
    #[must_use]
    pub fn sign(&self, typ: Option<&str>, claims: &Value) -> String {
        let mut header = json!({ "alg": self.algorithm, "kid": self.kid });
        if let Some(typ) = typ {
            header["typ"] = json!(typ);
        }
        self.sign_with(&header, claims)
    }

    /// A compact JWS with a header of the test's own.
    #[must_use]
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] = [header, claims].map(|part| base64url(part.to_string().as_bytes()));
        let signed = format!("{header}.{claims}");
        let signature = signature(&self.kid, self.algorithm.as_str(), &signed);
        format!("{signed}.{signature}")
    }

    /// A JWS over the claims that carries the key, as a DPoP proof does.
    #[must_use]
    pub fn prove(&self, claims: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk() });
        self.sign_with(&header, claims)
    }

    /// The thumbprint of the key.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        thumbprint(&self.kid, self.algorithm.as_str())
    }

    /// The header and the content of what was encrypted for this key.
    #[must_use]
    pub fn decrypt(&self, text: &str) -> Option<(Value, String)> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, key, _, content, _] = parts[..] else { return None };
        if key != base64url(self.kid.as_bytes()) {
            return None;
        }
        let content = String::from_utf8(from_base64url(content)?).ok()?;
        Some((serde_json::from_slice(&from_base64url(header)?).ok()?, content))
    }
}

/// A compact JWS that a client of a test signs with its secret.
#[must_use]
pub fn sign_with_secret(secret: &str, algorithm: MacAlgorithm, typ: Option<&str>, claims: &Value) -> String {
    let mut header = json!({ "alg": algorithm });
    if let Some(typ) = typ {
        header["typ"] = json!(typ);
    }
    let [header, claims] = [&header, claims].map(|part| base64url(part.to_string().as_bytes()));
    let signed = format!("{header}.{claims}");
    format!("{signed}.{}", base64url(Digest::of(&base64url(secret.as_bytes()), signed.as_bytes()).bytes()))
}

fn signature(kid: &str, algorithm: &str, signed: &str) -> String {
    base64url(Digest::of(&format!("{algorithm} {kid}"), signed.as_bytes()).bytes())
}

fn thumbprint(kid: &str, algorithm: &str) -> Thumbprint {
    Thumbprint::from_bytes(*Digest::of("fake-thumbprint", format!("{algorithm} {kid}").as_bytes()).bytes())
}

/// Reads what [`FakeClientKey`] writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FakeClientJose;

/// The keys of a client in a test.
#[derive(Debug)]
struct FakeSet(Vec<Map<String, Value>>);

impl ReadClientKeys for FakeClientJose {
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, Malformed> {
        let refused = |rule| Err(Malformed::new("jwks", rule));
        if jwks.len() > LONGEST_KEY_SET {
            return refused("is too long");
        }
        let set = serde_json::from_str::<Value>(jwks).ok();
        let Some(keys) = set.as_ref().and_then(|set| set["keys"].as_array()).filter(|keys| keys.len() <= MOST_KEYS)
        else {
            return refused("must be a JWK Set");
        };
        let keys: Option<Vec<_>> = keys.iter().map(|key| key.as_object().cloned()).collect();
        match keys {
            Some(keys) if keys.iter().all(|key| key.get("kty") != Some(&json!("oct")) && !key.contains_key("d")) => {
                Ok(Arc::new(FakeSet(keys)))
            }
            Some(_) | None => refused("must hold public keys alone"),
        }
    }

    fn unproven(&self, token: &str) -> Result<ClientJws, Untrusted> {
        Taken::of(token).map(|taken| taken.jws)
    }

    fn self_signed(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<SelfSigned, Untrusted> {
        let header = token.split('.').next().and_then(from_base64url).ok_or(Untrusted::Malformed)?;
        let header: Value = serde_json::from_slice(&header).map_err(|_| Untrusted::Malformed)?;
        let set = self.read(&json!({ "keys": [header["jwk"]] }).to_string()).map_err(|_| Untrusted::UnknownKey)?;
        let jws = set.verify(token, algorithms, typ)?;
        let member = |name: &str| header["jwk"][name].as_str().unwrap_or_default();
        Ok(SelfSigned { thumbprint: thumbprint(member("kid"), member("alg")), jws })
    }
}

impl ClientKeySet for FakeSet {
    fn verify(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<ClientJws, Untrusted> {
        let Taken { jws, signed, signature: given } = Taken::of(token)?;
        let Some(ClientAlgorithm::Key(algorithm)) = jws.algorithm.filter(|algorithm| match algorithm {
            ClientAlgorithm::Key(algorithm) => algorithms.contains(algorithm),
            ClientAlgorithm::Secret(_) => false,
        }) else {
            return Err(Untrusted::WrongAlgorithm);
        };
        if !typ.admits(jws.typ.as_deref()) {
            return Err(Untrusted::WrongType);
        }
        let fits = |key: &&Map<String, Value>| {
            key.get("alg") == Some(&json!(algorithm))
                && jws.kid.as_ref().is_none_or(|kid| key.get("kid") == Some(&json!(kid)))
        };
        let mut fitting = self.0.iter().filter(fits).filter_map(|key| key.get("kid")?.as_str()).peekable();
        if fitting.peek().is_none() {
            return Err(Untrusted::UnknownKey);
        }
        let proven = fitting.any(|kid| signature(kid, algorithm.as_str(), signed) == given);
        if proven { Ok(jws) } else { Err(Untrusted::BadSignature) }
    }

    fn encrypt(&self, how: Encryption, content: Content<'_>) -> Result<String, NotEncrypted> {
        let kid = self.recipient(how).ok_or(NotEncrypted::NoKey)?;
        let mut header = json!({ "alg": how.alg, "enc": how.enc, "kid": kid });
        let content = match content {
            Content::Jwt(token) => {
                header["cty"] = json!("JWT");
                token.as_bytes()
            }
            Content::Claims(claims) => claims,
        };
        let [header, kid, content] = [header.to_string().as_bytes(), kid.as_bytes(), content].map(base64url);
        Ok(format!("{header}.{kid}.AA.{content}.AA"))
    }

    fn can_encrypt(&self, how: Encryption) -> bool {
        self.recipient(how).is_some()
    }
}

impl FakeSet {
    fn recipient(&self, how: Encryption) -> Option<&str> {
        let kty = match how.alg {
            KeyManagement::RsaOaep256 => "RSA",
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => "EC",
        };
        self.0.iter().find(|key| key.get("kty") == Some(&json!(kty)))?.get("kid")?.as_str()
    }
}

impl ClientMacs for FakeKeys {
    fn verify(
        &self,
        client: &Client,
        token: &str,
        algorithms: &[MacAlgorithm],
        typ: TypRule,
        now: Timestamp,
    ) -> Result<ClientJws, Untrusted> {
        let Taken { jws, signed, signature } = Taken::of(token)?;
        let allowed = match jws.algorithm {
            Some(ClientAlgorithm::Secret(algorithm)) => algorithms.contains(&algorithm),
            Some(ClientAlgorithm::Key(_)) | None => false,
        };
        if !allowed {
            return Err(Untrusted::WrongAlgorithm);
        }
        if !typ.admits(jws.typ.as_deref()) {
            return Err(Untrusted::WrongType);
        }
        let mut secrets = client.sealed_secrets(now).peekable();
        if secrets.peek().is_none() {
            return Err(Untrusted::UnknownKey);
        }
        let proven = secrets.any(|secret| self.mac(client, secret, signed).as_deref() == Some(signature));
        if proven { Ok(jws) } else { Err(Untrusted::BadSignature) }
    }
}

/// A JWS taken apart.
struct Taken<'a> {
    jws: ClientJws,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Taken<'a> {
    fn of(token: &'a str) -> Result<Self, Untrusted> {
        let well_formed = token.len() <= LONGEST_TEXT && token.split('.').count() == 3;
        let (signed, signature) = token.rsplit_once('.').filter(|_| well_formed).ok_or(Untrusted::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Untrusted::Malformed)?;
        let parsed = |part| -> Result<Map<String, Value>, Untrusted> {
            let bytes = from_base64url(part).ok_or(Untrusted::Malformed)?;
            serde_json::from_slice(&bytes).map_err(|_| Untrusted::Malformed)
        };
        let (header, claims) = (parsed(header)?, parsed(claims)?);
        let text = |member: &str| header.get(member).and_then(Value::as_str).map(str::to_owned);
        let algorithm = text("alg").and_then(|alg| alg.parse().ok());
        let jws = ClientJws { algorithm, kid: text("kid"), typ: text("typ"), claims };
        Ok(Self { jws, signed, signature })
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::vocabulary::ContentEncryption;

    use super::*;

    #[test]
    fn what_a_fake_key_signs_its_set_believes() {
        let (key, other) = (FakeClientKey::new("k1", Algorithm::Es256), FakeClientKey::new("k2", Algorithm::Es256));
        let set = FakeClientJose.read(&key.jwks()).expect("a set");
        let claims = json!({ "iss": "app" });
        let verify = |token: &str| set.verify(token, &[Algorithm::Es256], TypRule::AbsentOrOneOf(&["JWT"]));
        assert_eq!(verify(&key.sign(Some("JWT"), &claims)).expect("believed").claims["iss"], "app");
        assert_eq!(verify(&other.sign(None, &claims)), Err(Untrusted::UnknownKey));
        assert_eq!(verify(&other.sign_with(&json!({ "alg": "ES256" }), &claims)), Err(Untrusted::BadSignature));
        assert_eq!(verify(&key.sign(Some("at+jwt"), &claims)), Err(Untrusted::WrongType));
        let weak = key.sign_with(&json!({ "alg": "HS256", "kid": "k1" }), &claims);
        assert_eq!(verify(&weak), Err(Untrusted::WrongAlgorithm));
    }

    #[test]
    fn what_is_encrypted_to_a_fake_key_it_reads() {
        let key = FakeClientKey::new("k1", Algorithm::Es256);
        let set = FakeClientJose.read(&key.jwks()).expect("a set");
        let how = |alg| Encryption { alg, enc: ContentEncryption::A128Gcm };
        let text = set.encrypt(how(KeyManagement::EcdhEs), Content::Jwt("a.b.c")).expect("encrypted");
        let (header, content) = key.decrypt(&text).expect("read");
        assert_eq!((header["cty"].as_str(), content.as_str()), (Some("JWT"), "a.b.c"));
        assert!(FakeClientKey::new("k2", Algorithm::Es256).decrypt(&text).is_none());
        assert!(!set.can_encrypt(how(KeyManagement::RsaOaep256)));
    }
}
