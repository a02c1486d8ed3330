//! Access tokens that only the server can read.

use anyhow::{Result, ensure};
use chancery_resource_server::Verifier;
use chancery_tests::dev::Tenant;
use serde_json::json;

use super::{register, set, signed_in, text, until};
use crate::databases::Site;

/// The setting changes the form of the tokens and nothing that the server does with them.
pub(super) async fn n2_an_opaque_token_is_good_where_it_is_asked_about(site: &Site, tenant: &Tenant) -> Result<()> {
    let app = register(site, tenant, "opaque-app", json!({})).await?;
    let before = signed_in(&app, tenant, "openid email offline_access").await?;
    set(site, tenant, "accessTokenFormat", json!("ACCESS_TOKEN_FORMAT_OPAQUE")).await?;
    until("opaque tokens", async || {
        let machine = app.token(&[("grant_type", "client_credentials")]).await?.success()?;
        Ok(text(&machine, "access_token")?.starts_with("chk_"))
    })
    .await?;

    let tokens = signed_in(&app, tenant, "openid email").await?;
    let token = text(&tokens, "access_token")?;
    ensure!(token.starts_with("chk_") && token.len() < 1_000, "{token}");
    ensure!(text(&tokens, "id_token")?.split('.').count() == 3, "{tokens}");
    let told = app.introspect(token).await?;
    ensure!(told["active"] == true && told["client_id"] == "opaque-app", "{told}");
    let person = app.userinfo(token).await?.success()?;
    ensure!(person["sub"] == told["sub"] && person["email"].is_string(), "{person}");
    // Nobody else can read it, so nobody verifies it by keys.
    let verifier = Verifier::builder().issuer(&tenant.issuer).audience(&tenant.issuer).build()?;
    ensure!(verifier.verify(token).await.is_err());
    ensure!(app.introspect(&format!("{token}A")).await? == json!({ "active": false }));

    // What was signed before stays good, and is refreshed in the new form.
    ensure!(app.introspect(text(&before, "access_token")?).await?["active"] == true);
    let after = app.refresh(text(&before, "refresh_token")?).await?.success()?;
    ensure!(text(&after, "access_token")?.starts_with("chk_"), "{after}");

    ensure!(app.revoke(token).await?.status == 200);
    ensure!(app.introspect(token).await? == json!({ "active": false }));
    let refused = app.userinfo(token).await?;
    ensure!(refused.status == 401, "{refused:?}");
    set(site, tenant, "accessTokenFormat", json!("ACCESS_TOKEN_FORMAT_JWT")).await
}
