//! What cases make for themselves: settings of a tenant, clients, and the patience until everybody knows of them.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    admin::Admin,
    dev::{Client, Tenant},
    party::Party,
};
use serde_json::{Value, json};

use crate::client_keys::changed;

/// Every response type but `code`.
pub(crate) const FRONT: [&str; 5] =
    ["id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// Every response type.
pub(crate) fn response_types() -> Vec<&'static str> {
    [&["code"], &FRONT[..]].concat()
}

/// How long something may take that is heard of within seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !is().await? {
        ensure!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Waits until the metadata of a tenant are so, and with them everything else that was set at the same time.
pub(crate) async fn until_told(tenant: &Tenant, what: &str, so: impl Fn(&Value) -> bool) -> Result<()> {
    until(what, async || Ok(so(&Party::discover(tenant, tenant.public_client()?).await?.metadata))).await
}

/// Sets settings of a tenant.
pub(crate) async fn set(admin: &Admin, tenant: &Tenant, settings: &Value) -> Result<()> {
    let fields = settings.as_object().context("fields")?.keys().map(|field| format!("settings.{field}"));
    let mask = fields.collect::<Vec<_>>().join(",");
    let message = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": settings });
    let update = json!({ "tenant": message, "updateMask": mask });
    admin.call("TenantService/UpdateTenant", update).await.map(drop)
}

/// Lets a tenant on `oidc` give every response type, with more settings.
pub(crate) async fn offer_every_type(admin: &Admin, tenant: &Tenant, more: &Value) -> Result<()> {
    set(admin, tenant, &changed(json!({ "responseTypes": response_types() }), more)).await?;
    let all =
        |told: &Value| told["response_types_supported"].as_array().is_some_and(|all| all.len() == 1 + FRONT.len());
    until_told(tenant, "every response type", all).await
}

/// A name that no other case has.
pub(crate) fn own_name(beginning: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{beginning}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Registers a client of the web that people are not asked about, with more said of it, or something else; what becomes null
/// goes. It has a secret if it proves itself by one.
pub(crate) async fn client(admin: &Admin, tenant: &Tenant, id: &str, more: &Value) -> Result<Client> {
    let usual = json!({
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "redirectUris": [format!("https://{id}.example/cb")],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
        "scopes": ["openid", "profile", "email", "offline_access"],
        "skipConsent": true,
    });
    let said = changed(usual, more);
    let texts = |name: &str| -> Vec<String> {
        let list = said[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (redirect_uris, post_logout_redirect_uris) = (texts("redirectUris"), texts("postLogoutRedirectUris"));
    let by_secret = texts("authMethods").iter().any(|method| method.contains("CLIENT_SECRET"));
    let parent = format!("tenants/{}", tenant.tenant);
    let made = admin.call("ClientService/CreateClient", json!({ "parent": parent, "clientId": id, "client": said }));
    let name = made.await?["name"].clone();
    let client_secret = if by_secret {
        let made = admin.call("ClientService/GenerateClientSecret", json!({ "parent": name })).await?;
        Some(made["secret"].as_str().context("no secret")?.to_owned())
    } else {
        None
    };
    Ok(Client { client_id: id.to_owned(), client_secret, redirect_uris, post_logout_redirect_uris })
}
