//! A client with a key of its own.

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    dev::{Client, Tenant},
    http::{Http, Reply},
    party::{Party, random_text},
};
use serde_json::{Value, json};

use crate::databases::Site;

/// The only `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An ES256 key.
pub(crate) struct SigningKey {
    pkcs8: Vec<u8>,
    pair: EcdsaKeyPair,
    kid: String,
}

impl SigningKey {
    /// A new one.
    pub(crate) fn generate() -> Result<Self> {
        let fault = |what| anyhow!("{what}");
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| fault("no key was made"))?;
        let pkcs8 = document.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|_| fault("the key is no key"))?;
        Ok(Self { pkcs8, pair, kid: random_text() })
    }

    /// The private part for libraries: PKCS#8 in base64url.
    pub(crate) fn private(&self) -> Value {
        json!({ "kid": self.kid, "pkcs8": URL_SAFE_NO_PAD.encode(&self.pkcs8) })
    }

    /// The JWK Set with its public part.
    pub(crate) fn jwks(&self) -> String {
        let point = self.pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..65]].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y }] }).to_string()
    }

    /// A compact JWS.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String> {
        self.sign_with(&json!({ "alg": "ES256", "kid": self.kid, "typ": typ }), claims)
    }

    /// A compact JWS with that header.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> Result<String> {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| anyhow!("nothing was signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

/// A client of a tenant that signs with such a key.
pub(crate) struct Signer {
    pub(crate) key: SigningKey,
    pub(crate) party: Party,
    pub(crate) tenant: Tenant,
}

impl Signer {
    /// Registers one at that tenant, with more members.
    pub(crate) async fn register(site: &Site, tenant: &Tenant, id: &str, more: Value) -> Result<Self> {
        let key = SigningKey::generate()?;
        let mut client = json!({
            "kind": "KIND_WEB",
            "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"],
            "jwks": key.jwks(),
            "redirectUris": ["https://signer.example/cb"],
            "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
            "scopes": ["openid", "profile", "email", "offline_access"],
            "skipConsent": true,
        });
        let members = client.as_object_mut().context("an object")?;
        members.extend(more.as_object().cloned().unwrap_or_default());
        let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "clientId": id, "client": client });
        site.admin.call("ClientService/CreateClient", message).await?;
        let client = Client {
            client_id: id.to_owned(),
            redirect_uris: vec!["https://signer.example/cb".to_owned()],
            ..Client::default()
        };
        let party = Party::discover(tenant, &client).await?;
        Ok(Self { key, party, tenant: tenant.clone() })
    }

    pub(crate) fn id(&self) -> &str {
        &self.party.client.client_id
    }

    /// The claims of a good assertion, with some changed; those that become null go.
    pub(crate) fn claims(&self, change: &Value) -> Value {
        let now = now();
        let claims = json!({
            "iss": self.id(), "sub": self.id(), "aud": self.tenant.issuer,
            "jti": random_text(), "iat": now, "exp": now + 60,
        });
        changed(claims, change)
    }

    /// A good assertion with a change.
    pub(crate) fn assertion(&self, change: &Value) -> Result<String> {
        self.key.sign("JWT", &self.claims(change))
    }

    /// Posts a form to an endpoint with that assertion.
    pub(crate) async fn post(&self, endpoint: &str, assertion: &str, form: &[(&str, &str)]) -> Result<Reply> {
        let own = [("client_assertion_type", TYPE), ("client_assertion", assertion)];
        let request = Http::new()?.post(self.party.endpoint(endpoint)?)?.form(&[&own[..], form].concat());
        Reply::read(request.send().await?).await
    }

    /// The same with a good assertion.
    pub(crate) async fn call(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<Reply> {
        self.post(endpoint, &self.assertion(&json!({}))?, form).await
    }

    /// The status and the error of a token request for itself with that assertion.
    pub(crate) async fn outcome(&self, assertion: &str) -> Result<(u16, String)> {
        let reply = self.post("token_endpoint", assertion, &[("grant_type", "client_credentials")]).await?;
        anyhow::ensure!(reply.header("cache-control") == "no-store", "{:?}", reply.headers);
        let (status, error) = reply.refusal();
        Ok((status, error.to_owned()))
    }
}

/// Members with some changed; those that become null go.
pub(crate) fn changed(mut claims: Value, change: &Value) -> Value {
    if let (Some(members), Some(change)) = (claims.as_object_mut(), change.as_object()) {
        for (name, value) in change {
            if value.is_null() {
                members.remove(name);
            } else {
                members.insert(name.clone(), value.clone());
            }
        }
    }
    claims
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the server that is asked has no other clock")]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
