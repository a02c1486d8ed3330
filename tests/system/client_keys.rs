//! Keys of clients, one kind for each algorithm that they may sign with.

use anyhow::{Result, bail, ensure};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair, RsaEncoding, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::party::random_text;
use serde_json::{Value, json};

/// A key with the algorithm that it is for.
pub(crate) struct ClientKey {
    pub(crate) alg: String,
    pub(crate) kid: String,
    material: Material,
}

enum Material {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
    Secret(Box<hmac::Key>),
}

impl ClientKey {
    /// A new key pair for that algorithm.
    pub(crate) fn generate(alg: &str) -> Result<Self> {
        let ec = |algorithm, curve| EcdsaKeyPair::generate(algorithm).map(|pair| Material::Ec(pair, curve));
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Material::Rsa(pair, encoding))
        };
        let ml_dsa = |algorithm| PqdsaKeyPair::generate(algorithm).map(Material::MlDsa);
        let material = match alg {
            "ES256" => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            "ES384" => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            "ES512" => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
            "EdDSA" => Ed25519KeyPair::generate().map(Material::Ed),
            "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
            "RS384" => rsa(&signature::RSA_PKCS1_SHA384),
            "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
            "PS256" => rsa(&signature::RSA_PSS_SHA256),
            "PS384" => rsa(&signature::RSA_PSS_SHA384),
            "PS512" => rsa(&signature::RSA_PSS_SHA512),
            "ML-DSA-44" => ml_dsa(&signature::ML_DSA_44_SIGNING),
            "ML-DSA-65" => ml_dsa(&signature::ML_DSA_65_SIGNING),
            "ML-DSA-87" => ml_dsa(&signature::ML_DSA_87_SIGNING),
            other => bail!("{other} has no keys"),
        }?;
        Ok(Self { alg: alg.to_owned(), kid: random_text(), material })
    }

    /// Bytes that whoever verifies has too.
    pub(crate) fn shared(alg: &str, secret: &[u8]) -> Result<Self> {
        let algorithm = match alg {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            other => bail!("{other} knows no secrets"),
        };
        Ok(Self {
            alg: alg.to_owned(),
            kid: random_text(),
            material: Material::Secret(Box::new(hmac::Key::new(algorithm, secret))),
        })
    }

    /// The public part (RFC 7517); null of a secret.
    pub(crate) fn jwk(&self) -> Result<Value> {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.material {
            Material::Rsa(pair, _) => {
                // PKCS#1: a sequence of the modulus, with a zero in front, and the exponent.
                let der = pair.public_key().as_ref();
                ensure!(der.len() == 270 && der.ends_with(&[2, 3, 1, 0, 1]), "another form of key");
                json!({ "kty": "RSA", "n": b64(&der[9..265]), "e": "AQAB" })
            }
            Material::Ec(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) })
            }
            Material::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref()) }),
            Material::MlDsa(pair) => json!({ "kty": "AKP", "alg": self.alg, "pub": b64(pair.public_key().as_ref()) }),
            Material::Secret(_) => return Ok(Value::Null),
        };
        jwk["kid"] = self.kid.as_str().into();
        Ok(jwk)
    }

    /// The private part for libraries: PKCS#8 in base64url. Of ES256 alone, which is all that they are given.
    pub(crate) fn private(&self) -> Result<Value> {
        let Material::Ec(pair, "P-256") = &self.material else { bail!("{} is given to no library", self.alg) };
        let pkcs8 = pair.to_pkcs8v1()?;
        Ok(json!({ "kid": self.kid, "pkcs8": URL_SAFE_NO_PAD.encode(pkcs8.as_ref()) }))
    }

    /// The JWK Set with its public part.
    pub(crate) fn jwks(&self) -> Result<String> {
        Ok(json!({ "keys": [self.jwk()?] }).to_string())
    }

    /// A compact JWS of that type.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String> {
        self.sign_with(&json!({ "alg": self.alg, "kid": self.kid, "typ": typ }), claims)
    }

    /// A compact JWS with that header.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> Result<String> {
        self.sign_text(&header.to_string(), claims.to_string().as_bytes())
    }

    /// A compact JWS with that header and payload, whatever they are.
    pub(crate) fn sign_text(&self, header: &str, payload: &[u8]) -> Result<String> {
        self.sign_parts(&URL_SAFE_NO_PAD.encode(header), &URL_SAFE_NO_PAD.encode(payload))
    }

    /// The two parts, encoded by whomever, with their signature.
    pub(crate) fn sign_parts(&self, header: &str, payload: &str) -> Result<String> {
        let signed = format!("{header}.{payload}");
        let signature = self.signature(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The bare signature.
    pub(crate) fn signature(&self, signed: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        Ok(match &self.material {
            Material::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, signed, &mut signature)?;
                signature
            }
            Material::Ec(pair, _) => pair.sign(&random, signed)?.as_ref().to_vec(),
            Material::Ed(pair) => pair.sign(signed).as_ref().to_vec(),
            Material::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(signed, &mut signature)?;
                signature
            }
            Material::Secret(key) => hmac::sign(key, signed).as_ref().to_vec(),
        })
    }
}

/// Members with some changed; those that become null go.
pub(crate) fn changed(mut members: Value, change: &Value) -> Value {
    if let (Some(members), Some(change)) = (members.as_object_mut(), change.as_object()) {
        for (name, value) in change {
            if value.is_null() {
                members.remove(name);
            } else {
                members.insert(name.clone(), value.clone());
            }
        }
    }
    members
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the server that is asked has no other clock")]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
