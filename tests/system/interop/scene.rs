//! What the flows of a database share: a site whose second tenant offers all that certified software asks for.

use std::process::Child;

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Tenant},
};
use serde_json::{Value, json};

pub(crate) use crate::authorization::scene::text;
use crate::{
    client_keys::changed,
    databases::{Database, Site},
    making::{self, offer_every_type, own_name, response_types},
    script,
    shared::{self, OnEach},
};

/// An API of the second tenant: its identifier, and what it is called with.
pub(crate) const API: (&str, &str) = ("https://ledger.example", "ledger:read");

/// A site, and a process that ends it with this one.
pub(crate) struct Scene {
    pub(crate) site: Site,
    _guard: Child,
}

/// Runs a flow.
pub(crate) fn on(database: Database, flow: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    static SCENES: OnEach<Scene> = OnEach::new();
    shared::run(async { flow(SCENES.of(database, || Scene::make(database)).await?).await })
}

impl Scene {
    async fn make(database: Database) -> Result<Self> {
        // It may call this machine, as it would an intranet.
        let site = database.site_with(&[("CHANCERY_OUTBOUND__ALLOWED_HOSTS", "http://127.0.0.1")]).await?;
        let guard = site.ends_with_this_process()?;
        let scene = Self { site, _guard: guard };
        scene.open().await?;
        Ok(scene)
    }

    /// Switches on what is off by itself, and makes an API.
    async fn open(&self) -> Result<()> {
        let (admin, tenant) = (&self.site.admin, &self.site.second);
        let parent = format!("tenants/{}", tenant.tenant);
        let (identifier, scope) = API;
        let message = json!({ "parent": parent, "scopeId": "ledger-read", "scope": { "value": scope } });
        admin.call("ScopeService/CreateScope", message).await?;
        let resource = json!({ "identifier": identifier, "scopes": [scope] });
        let message = json!({ "parent": parent, "resourceId": "ledger", "resource": resource });
        admin.call("ResourceService/CreateResource", message).await?;
        let ways = json!({ "tokenExchange": true, "deviceAuthorization": true, "jwtBearer": true });
        offer_every_type(admin, tenant, &ways).await
    }

    /// A confidential client of the tenant on `oidc` that may ask for everything, with more said of it.
    pub(crate) async fn client(&self, more: Value) -> Result<Client> {
        self.client_of(&self.site.second, more).await
    }

    /// The same at that tenant, as far as its profile allows.
    pub(crate) async fn client_of(&self, tenant: &Tenant, more: Value) -> Result<Client> {
        let id = own_name("certified");
        let mut usual = json!({ "redirectUris": [format!("https://{id}.example/callback")] });
        if tenant.tenant == self.site.second.tenant {
            let grants = ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "IMPLICIT", "DEVICE_CODE"];
            let grants = grants.iter().chain(&["TOKEN_EXCHANGE", "JWT_BEARER"]);
            usual["grantTypes"] = grants.map(|grant| format!("GRANT_TYPE_{grant}")).collect::<Vec<_>>().into();
            usual["responseTypes"] = json!(response_types());
            usual["scopes"] = json!(["openid", "profile", "email", "offline_access", API.1]);
        }
        making::client(&self.site.admin, tenant, &id, &changed(usual, &more)).await
    }

    /// Keys of a client: each with its public and its private form, and the JWK Set of them all as text.
    pub(crate) async fn keys(&self, wanted: Value) -> Result<Value> {
        let user = self.site.second.user()?;
        script::run("keys.mjs", &json!({ "keys": wanted }), &mut Browser::new()?, user).await
    }

    /// Runs a script of the world as that client, with more said of its task.
    pub(crate) async fn run(&self, script: &str, client: &Client, more: Value) -> Result<Value> {
        self.run_at(&self.site.second, script, client, more).await
    }

    /// The same at that tenant.
    pub(crate) async fn run_at(&self, tenant: &Tenant, script: &str, client: &Client, more: Value) -> Result<Value> {
        let mut task = json!({ "issuer": tenant.issuer, "client": client });
        task.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        script::run(script, &task, &mut Browser::new()?, tenant.user()?).await.with_context(|| more.to_string())
    }
}
