//! Ways to get tokens beside the usual ones, with client libraries that others wrote.

mod assertions;
mod devices;
mod exchange;
mod upstream;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{admin::Admin, dev::Client, dev::Tenant, party::Party};
use serde_json::{Value, json};

use crate::{databases::Database, making};

#[tokio::test]
async fn tokens_are_exchanged_and_devices_connected_on_sqlite() -> Result<()> {
    of(Database::Sqlite).await
}

#[tokio::test]
async fn tokens_are_exchanged_and_devices_connected_on_postgres() -> Result<()> {
    of(Database::Postgres).await
}

/// One site for all of it; the profile makes no difference.
async fn of(database: Database) -> Result<()> {
    let site = database.site().await?;
    for tenant in [&site.first, &site.second] {
        let off = Party::discover(tenant, tenant.public_client()?).await?.metadata;
        anyhow::ensure!(off.get("device_authorization_endpoint").is_none(), "{off}");
        exchange::register(&site.admin, tenant).await?;
        devices::register(&site.admin, tenant).await?;
        let key = assertions::register(&site.admin, tenant).await?;
        let settings = json!({ "tokenExchange": true, "deviceAuthorization": true, "jwtBearer": true });
        making::set(&site.admin, tenant, &settings).await?;
        let metadata = until_offered(tenant, "urn:ietf:params:oauth:grant-type:device_code").await?;
        let endpoint = format!("{}/oauth2/device_authorization", tenant.issuer);
        assert_eq!(metadata["device_authorization_endpoint"], endpoint.as_str());
        exchange::p008_and_g19_an_exchanged_token_reaches_less_and_tells_who_acts(tenant).await?;
        devices::p010_and_g9_a_device_gets_its_tokens_once(tenant).await?;
        assertions::p009_a_token_of_a_trusted_issuer_is_exchanged_for_ours(&site.admin, tenant, &key).await?;
    }
    devices::p010_a_real_browser_decides_about_devices(&site.first).await?;
    t235_no_client_is_called_like_a_user(&site.admin, &site.first).await
}

/// Adds to what a client may do.
async fn extend(admin: &Admin, tenant: &Tenant, client: &Client, changes: Value) -> Result<()> {
    let name = format!("tenants/{}/clients/{}", tenant.tenant, client.client_id);
    let mut message = admin.call("ClientService/GetClient", json!({ "name": name })).await?;
    let mask: Vec<&str> = changes.as_object().context("fields")?.keys().map(String::as_str).collect();
    for (field, value) in changes.as_object().context("fields")? {
        match (message[field].as_array_mut(), value.as_array()) {
            (Some(there), Some(more)) => there.extend(more.iter().cloned()),
            (Some(_) | None, _) => message[field] = value.clone(),
        }
    }
    let message = json!({ "client": message, "updateMask": mask.join(",") });
    admin.call("ClientService/UpdateClient", message).await.map(drop)
}

/// The metadata, once they name the grant type.
async fn until_offered(tenant: &Tenant, grant: &str) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let metadata = Party::discover(tenant, tenant.public_client()?).await?.metadata;
        if metadata["grant_types_supported"].as_array().is_some_and(|all| all.contains(&json!(grant))) {
            return Ok(metadata);
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "the metadata do not follow: {metadata}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn t235_no_client_is_called_like_a_user(admin: &Admin, tenant: &Tenant) -> Result<()> {
    let parent = format!("tenants/{}", tenant.tenant);
    let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
    let user = users["users"][0]["uid"].as_str().context("no uid")?;
    let client = json!({ "kind": "KIND_SERVICE", "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"] });
    for id in [user, "00000000-0000-4000-8000-000000000000"] {
        let message = json!({ "parent": parent, "clientId": id, "client": client });
        let refused = admin.try_call("ClientService/CreateClient", message).await?.err().context("made")?;
        assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{refused:?}");
    }
    Ok(())
}
