//! A tenant with somebody to present each kind of JWT.

use anyhow::{Context as _, Result};
use chancery_tests::{browser::Browser, dev::Tenant, installation::found_with, party::Party};
use serde_json::{Value, json};

use crate::{
    authorization::scene::Scene,
    client_keys::{ClientKey, changed, now},
    making::{self, until},
    shared::OnEach,
};

/// The name of the issuer outside that the tenant trusts.
pub(super) const OUTSIDE: &str = "https://idp.outside.example";

/// The tenant with its parties, on the profile `oidc`.
pub(super) struct World {
    pub(super) tenant: Tenant,
    /// A client that proves itself with `key`, and signs its requests with it.
    pub(super) signer: Party,
    pub(super) key: ClientKey,
    /// A client that may exchange tokens, and come with what the issuer outside asserts.
    pub(super) backend: Party,
    /// The key of that issuer.
    pub(super) outside: ClientKey,
    /// Somebody's tokens for `backend`.
    pub(super) tokens: Value,
    /// The answer to somebody's sign-in, signed.
    pub(super) response: String,
}

impl World {
    /// The one of this database.
    pub(super) async fn of(scene: &Scene) -> Result<&'static Self> {
        static WORLDS: OnEach<World> = OnEach::new();
        WORLDS.of(scene.site.database(), || Self::make(scene)).await
    }

    async fn make(scene: &Scene) -> Result<Self> {
        let settings = json!({ "tokenExchange": true, "jwtBearer": true });
        let of = json!({ "profile": "PROFILE_OIDC", "settings": settings });
        let tenant = found_with(scene.admin(), "presented", of).await?;
        let key = ClientKey::generate("ES256")?;
        let signer = signer(scene, &tenant, "signer", &key.jwks()?, &json!({})).await?;
        let backend = Party::discover(&tenant, tenant.confidential_client()?).await?;
        let name = format!("tenants/presented/clients/{}", backend.client.client_id);
        let grants = ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "TOKEN_EXCHANGE", "JWT_BEARER"];
        let grants = grants.map(|grant| format!("GRANT_TYPE_{grant}"));
        let client = json!({ "name": name, "grantTypes": grants, "skipConsent": true });
        let update = json!({ "client": client, "updateMask": "grantTypes,skipConsent" });
        scene.admin().call("ClientService/UpdateClient", update).await?;
        let outside = ClientKey::generate("ES256")?;
        let trusted = json!({ "issuer": OUTSIDE, "jwks": outside.jwks()?, "algorithms": ["ES256"], "scopes": ["profile"],
            "subjectMapping": "SUBJECT_MAPPING_USERNAME", "clients": [backend.client.client_id] });
        let message = json!({ "parent": "tenants/presented", "trustedIssuerId": "outside", "trustedIssuer": trusted });
        scene.admin().call("TrustedIssuerService/CreateTrustedIssuer", message).await?;
        let user = tenant.user()?;
        let mut browser = Browser::new()?;
        // What was changed at the client is known within seconds.
        until("the client may exchange tokens", async || {
            let exchange = [("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")];
            Ok(backend.token(&exchange).await?.refusal() == (400, "invalid_request"))
        })
        .await?;
        let tokens = backend.sign_in(&mut browser, user, "openid email offline_access").await?;
        let attempt = backend.begin("openid", &[("response_mode", "query.jwt")])?;
        let answer = browser.authorize(attempt.url.as_str(), user, backend.redirect_uri()?).await?;
        let response = answer.get("response").context("no response")?.clone();
        Ok(Self { tenant, signer, key, backend, outside, tokens, response })
    }

    /// One of somebody's tokens.
    pub(super) fn token(&self, kind: &str) -> &str {
        self.tokens[kind].as_str().unwrap_or_default()
    }

    /// What a good proof of the client claims, with some changed; those that become null go.
    pub(super) fn proof(&self, change: &Value) -> Value {
        let id = self.signer.client.client_id.as_str();
        let claims = json!({ "iss": id, "sub": id, "aud": self.tenant.issuer, "iat": now(), "exp": now() + 60,
            "jti": chancery_tests::party::random_text() });
        changed(claims, change)
    }

    /// What a good request of the client claims.
    pub(super) fn request(&self, change: &Value) -> Result<Value> {
        let attempt = self.signer.begin("openid", &[])?;
        let mut claims = json!({ "iss": self.signer.client.client_id, "aud": self.tenant.issuer, "exp": now() + 60 });
        for (name, value) in attempt.url.query_pairs() {
            claims[name.as_ref()] = value.as_ref().into();
        }
        Ok(changed(claims, change))
    }

    /// What the issuer outside claims of somebody.
    pub(super) fn assertion(&self, change: &Value) -> Result<Value> {
        let claims = json!({ "iss": OUTSIDE, "sub": self.tenant.user()?.username, "aud": self.tenant.issuer,
            "iat": now(), "exp": now() + 60, "jti": chancery_tests::party::random_text() });
        Ok(changed(claims, change))
    }
}

/// Registers a client that proves itself with one of these keys.
pub(super) async fn signer(scene: &Scene, tenant: &Tenant, id: &str, jwks: &str, more: &Value) -> Result<Party> {
    let proves = json!({
        "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"], "jwks": jwks, "scopes": ["openid", "profile"],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_CLIENT_CREDENTIALS"],
    });
    let client = making::client(scene.admin(), tenant, id, &changed(proves, more)).await?;
    Party::discover(tenant, &client).await
}
