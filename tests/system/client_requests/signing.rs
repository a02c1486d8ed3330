//! A client with a key of its own.

use anyhow::Result;
use chancery_tests::{
    dev::Tenant,
    http::{Http, Reply},
    party::{Party, random_text},
};
use serde_json::{Value, json};

use crate::{
    client_keys::{ClientKey, changed, now},
    databases::Site,
    making,
};

/// The only `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client of a tenant that signs with such a key.
pub(crate) struct Signer {
    pub(crate) key: ClientKey,
    pub(crate) party: Party,
    pub(crate) tenant: Tenant,
}

impl Signer {
    /// Registers one at that tenant, with more members.
    pub(crate) async fn register(site: &Site, tenant: &Tenant, id: &str, more: Value) -> Result<Self> {
        let key = ClientKey::generate("ES256")?;
        let proves = json!({ "authMethods": ["AUTH_METHOD_PRIVATE_KEY_JWT"], "jwks": key.jwks()? });
        let client = making::client(&site.admin, tenant, id, &changed(proves, &more)).await?;
        Ok(Self { key, party: Party::discover(tenant, &client).await?, tenant: tenant.clone() })
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
