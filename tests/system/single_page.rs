//! A single-page application with npm oidc-client-ts in a real browser: silent renewal, sign-out, and a session that it watches.

use anyhow::Result;
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::{Client, Dev, Tenant},
    installation::free_port,
    party::Party,
};
use serde_json::{Value, json};

use crate::script;

#[tokio::test]
async fn oidc_client_ts_signs_in_renews_in_a_hidden_frame_and_signs_out() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let said = run(&dev.admin().await?, tenant, "single_page.mjs", json!({})).await?;
        assert_eq!(
            (&said["left"], &said["after_sign_out"]),
            (&json!("signed out"), &json!("login_required")),
            "{said}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn oidc_client_ts_renews_by_itself_in_a_hidden_frame() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let task = json!({ "with_refresh_token": false });
        let said = run(&dev.admin().await?, tenant, "single_page_renewal.mjs", task).await?;
        assert_eq!(said["in_frame"], true, "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn oidc_client_ts_renews_by_itself_with_its_refresh_token_and_gives_it_back() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let task = json!({ "with_refresh_token": true });
        let said = run(&dev.admin().await?, tenant, "single_page_renewal.mjs", task).await?;
        assert_eq!((&said["in_frame"], &said["revoked"]), (&json!(false), &json!(401)), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn oidc_client_ts_hears_of_a_sign_out_in_another_tab() -> Result<()> {
    let dev = Dev::start().await?;
    let mut watched = 0;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        // On the profile `oidc` alone.
        let Ok(frame) = party.endpoint("check_session_iframe") else { continue };
        let task =
            json!({ "check_session_iframe": frame, "end_session_endpoint": party.endpoint("end_session_endpoint")? });
        let said = run(&dev.admin().await?, tenant, "single_page_session.mjs", task).await?;
        assert_eq!((&said["frames"], &said["heard"]), (&json!(1), &json!("signed out")), "{said}");
        watched += 1;
    }
    assert_eq!(watched, 1);
    Ok(())
}

#[tokio::test]
async fn oidc_client_ts_signs_in_and_out_in_another_window() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let said = run(&dev.admin().await?, tenant, "single_page_popup.mjs", json!({})).await?;
        assert_eq!(said["signedOut"], Value::Null, "{said}");
    }
    Ok(())
}

/// Runs a script with a client of its own whose pages are at an address of this machine.
async fn run(admin: &Admin, tenant: &Tenant, script: &str, more: Value) -> Result<Value> {
    let origin = format!("http://127.0.0.1:{}", free_port()?);
    let client = Client {
        client_id: "single-page".to_owned(),
        client_secret: None,
        redirect_uris: ["callback", "silent", "window"].map(|place| format!("{origin}/{place}")).into(),
        post_logout_redirect_uris: ["signed-out", "window-closed"].map(|place| format!("{origin}/{place}")).into(),
    };
    let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "clientId": client.client_id, "client": {
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_NONE"],
        "redirectUris": client.redirect_uris,
        "postLogoutRedirectUris": client.post_logout_redirect_uris,
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"],
        "scopes": ["openid", "profile", "email", "offline_access"],
        "allowedOrigins": [origin],
    }});
    admin.call("ClientService/CreateClient", message).await?;
    let user = tenant.user()?;
    let mut task = json!({ "issuer": tenant.issuer, "client": client, "user": user });
    if let (Some(task), Some(more)) = (task.as_object_mut(), more.as_object()) {
        task.extend(more.clone());
    }
    script::run(script, &task, &mut Browser::new()?, user).await
}
