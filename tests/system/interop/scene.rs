//! What the flows of a database share: a site whose second tenant offers all that certified software asks for.

use std::{
    process::Child,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Tenant},
    http::from_own_address,
    party::Party,
};
use serde_json::{Value, json};
use tokio::{runtime::Runtime, sync::OnceCell};

use crate::{
    databases::{Database, Site},
    script,
};

/// Every response type.
const TYPES: [&str; 6] = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// An API of the second tenant: its identifier, and what it is called with.
pub(super) const API: (&str, &str) = ("https://ledger.example", "ledger:read");

/// A site, and a process that ends it with this one.
pub(super) struct Scene {
    pub(super) site: Site,
    _guard: Child,
}

/// The site outlives the test that made it, and so what drives it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Runs a flow.
pub(super) fn on(database: Database, flow: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    RUNTIME.block_on(from_own_address(async { flow(Scene::shared(database).await?).await }))
}

impl Scene {
    async fn shared(database: Database) -> Result<&'static Self> {
        static ON_SQLITE: OnceCell<Scene> = OnceCell::const_new();
        static ON_POSTGRES: OnceCell<Scene> = OnceCell::const_new();
        let shared = match database {
            Database::Sqlite => &ON_SQLITE,
            Database::Postgres => &ON_POSTGRES,
        };
        shared.get_or_try_init(|| Self::make(database)).await
    }

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
        let settings = json!({
            "responseTypes": TYPES, "tokenExchange": true, "deviceAuthorization": true, "jwtBearer": true,
        });
        let mask: Vec<_> =
            settings.as_object().context("fields")?.keys().map(|name| format!("settings.{name}")).collect();
        let update = json!({ "tenant": { "name": parent, "settings": settings }, "updateMask": mask.join(",") });
        admin.call("TenantService/UpdateTenant", update).await?;
        let (identifier, scope) = API;
        let message = json!({ "parent": parent, "scopeId": "ledger-read", "scope": { "value": scope } });
        admin.call("ScopeService/CreateScope", message).await?;
        let resource = json!({ "identifier": identifier, "scopes": [scope] });
        let message = json!({ "parent": parent, "resourceId": "ledger", "resource": resource });
        admin.call("ResourceService/CreateResource", message).await?;

        // The metadata follow within seconds, and with them everything else.
        let begun = Instant::now();
        loop {
            let party = Party::discover(tenant, tenant.confidential_client()?).await?;
            if party.metadata["response_types_supported"].as_array().is_some_and(|all| all.len() == TYPES.len()) {
                return Ok(());
            }
            ensure!(begun.elapsed() < Duration::from_secs(10), "the metadata do not follow: {}", party.metadata);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A confidential client of the tenant on `oidc` that may ask for everything, with more said of it.
    pub(super) async fn client(&self, more: Value) -> Result<Client> {
        self.client_of(&self.site.second, more).await
    }

    /// The same at that tenant, as far as its profile allows.
    pub(super) async fn client_of(&self, tenant: &Tenant, more: Value) -> Result<Client> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let id = format!("certified-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut said = json!({
            "kind": "KIND_WEB",
            "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
            "redirectUris": [format!("https://{id}.example/callback")],
            "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
            "scopes": ["openid", "profile", "email", "offline_access"],
            "skipConsent": true,
        });
        if tenant.tenant == self.site.second.tenant {
            said["responseTypes"] = json!(TYPES);
            for grant in ["IMPLICIT", "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER"] {
                said["grantTypes"].as_array_mut().context("grants")?.push(format!("GRANT_TYPE_{grant}").into());
            }
            said["scopes"].as_array_mut().context("scopes")?.push(API.1.into());
        }
        said.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let list = |name: &str| serde_json::from_value(said[name].clone()).unwrap_or_default();
        let (redirect_uris, post_logout_redirect_uris) = (list("redirectUris"), list("postLogoutRedirectUris"));
        let parent = format!("tenants/{}", tenant.tenant);
        let message = json!({ "parent": parent, "clientId": id, "client": said });
        let made = self.site.admin.call("ClientService/CreateClient", message).await?;
        let client_secret = if said["authMethods"][0].as_str().is_some_and(|method| method.contains("SECRET")) {
            let made =
                self.site.admin.call("ClientService/GenerateClientSecret", json!({ "parent": made["name"] })).await?;
            Some(text(&made, "secret")?.to_owned())
        } else {
            None
        };
        Ok(Client { client_id: id, client_secret, redirect_uris, post_logout_redirect_uris })
    }

    /// Keys of a client: each with its public and its private form, and the JWK Set of them all as text.
    pub(super) async fn keys(&self, wanted: Value) -> Result<Value> {
        let user = self.site.second.user()?;
        script::run("keys.mjs", &json!({ "keys": wanted }), &mut Browser::new()?, user).await
    }

    /// Runs a script of the world as that client, with more said of its task.
    pub(super) async fn run(&self, script: &str, client: &Client, more: Value) -> Result<Value> {
        self.run_at(&self.site.second, script, client, more).await
    }

    /// The same at that tenant.
    pub(super) async fn run_at(&self, tenant: &Tenant, script: &str, client: &Client, more: Value) -> Result<Value> {
        let mut task = json!({ "issuer": tenant.issuer, "client": client });
        task.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        script::run(script, &task, &mut Browser::new()?, tenant.user()?).await.with_context(|| more.to_string())
    }
}

/// The text of a member.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str> {
    of[name].as_str().with_context(|| format!("no {name} in {of}"))
}
