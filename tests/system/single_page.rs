//! A single-page application with npm oidc-client-ts in a real browser, silent renewal included.

use anyhow::Result;
use chancery_tests::{
    browser::Browser,
    dev::{Client, Dev},
    installation::free_port,
};
use serde_json::json;

use crate::script;

#[tokio::test]
async fn oidc_client_ts_signs_in_renews_in_a_hidden_frame_and_signs_out() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    for tenant in &dev.announced.tenants {
        let origin = format!("http://127.0.0.1:{}", free_port()?);
        let client = Client {
            client_id: "single-page".to_owned(),
            client_secret: None,
            redirect_uris: vec![format!("{origin}/callback"), format!("{origin}/silent")],
            post_logout_redirect_uris: vec![format!("{origin}/signed-out")],
        };
        let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "clientId": client.client_id, "client": {
            "kind": "KIND_WEB",
            "authMethods": ["AUTH_METHOD_NONE"],
            "redirectUris": client.redirect_uris,
            "postLogoutRedirectUris": client.post_logout_redirect_uris,
            "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"],
            "scopes": ["openid", "profile", "email"],
            "allowedOrigins": [origin],
        }});
        admin.call("ClientService/CreateClient", message).await?;
        let user = tenant.user()?;
        let task = json!({ "issuer": tenant.issuer, "client": client, "user": user });
        let said = script::run("single_page.mjs", &task, &mut Browser::new()?, user).await?;
        assert_eq!(said["after_sign_out"], "login_required", "{said}");
    }
    Ok(())
}
