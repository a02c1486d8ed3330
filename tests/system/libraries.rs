//! Client libraries that others wrote configure themselves from the issuer alone, and sign in to both demo tenants.

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    browser::{Browser, Landing},
    dev::{Client, Dev, Tenant},
    party::{Party, header},
};
use serde_json::{Value, json};
use url::Url;

use crate::script;

#[tokio::test]
async fn openid_client_does_all_that_a_public_client_does() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        drive("openid_client.mjs", tenant, tenant.public_client()?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn openid_client_does_all_that_a_confidential_client_does() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let said = drive("openid_client.mjs", tenant, tenant.confidential_client()?).await?;
        assert_eq!(said["introspected"], true, "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn authlib_signs_in_as_a_confidential_client() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        drive("authlib_client.py", tenant, tenant.confidential_client()?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn authlib_verifies_an_id_token_with_its_secret_alone() -> Result<()> {
    let dev = Dev::start().await?;
    let (tenant, client) = legacy_client(&dev).await?;
    let task = json!({ "issuer": tenant.issuer, "client": client, "id_token_signed_response_alg": "HS256" });
    script::run("authlib_client.py", &task, &mut Browser::new()?, tenant.user()?).await?;

    // Its ID token proves at logout that the application asks, so nobody needs to be asked.
    let party = Party::discover(tenant, &client).await?;
    let mut browser = Browser::new()?;
    let tokens = party.sign_in(&mut browser, tenant.user()?, "openid").await?;
    let mut out = Url::parse(party.endpoint("end_session_endpoint")?)?;
    let hint = tokens["id_token"].as_str().unwrap_or_default();
    let after = client.post_logout_redirect_uris.first().context("no place")?;
    out.query_pairs_mut().extend_pairs([("id_token_hint", hint), ("post_logout_redirect_uri", after)]);
    let landing = browser.open(out.as_str()).await?;
    assert!(matches!(&landing, Landing::Away(url) if url.as_str() == after), "{landing:?}");
    Ok(())
}

/// The tenant for older applications.
async fn legacy_tenant<'a>(dev: &'a Dev, admin: &Admin) -> Result<&'a Tenant> {
    for tenant in &dev.announced.tenants {
        let name = json!({ "name": format!("tenants/{}", tenant.tenant) });
        if admin.call("TenantService/GetTenant", name).await?["profile"] == "PROFILE_OIDC" {
            return Ok(tenant);
        }
    }
    anyhow::bail!("no tenant for older applications")
}

/// A client there whose ID tokens are signed with its own secret.
async fn legacy_client(dev: &Dev) -> Result<(&Tenant, Client)> {
    let admin = dev.admin().await?;
    let tenant = legacy_tenant(dev, &admin).await?;
    let mut client = Client { client_id: "legacy".to_owned(), ..tenant.confidential_client()?.clone() };
    let message = json!({ "parent": format!("tenants/{}", tenant.tenant), "clientId": client.client_id, "client": {
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "redirectUris": client.redirect_uris,
        "postLogoutRedirectUris": client.post_logout_redirect_uris,
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
        "scopes": ["openid", "profile", "email", "offline_access"],
        "idTokenSignedResponseAlg": "HS256",
    }});
    let made = admin.call("ClientService/CreateClient", message).await?;
    let generated = admin.call("ClientService/GenerateClientSecret", json!({ "parent": made["name"] })).await?;
    client.client_secret = generated["secret"].as_str().map(str::to_owned);
    Ok((tenant, client))
}

#[tokio::test]
async fn a_consumer_written_for_pyjoat_verifies_by_the_secret_alone() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    let tenant = legacy_tenant(&dev, &admin).await?;
    let parent = format!("tenants/{}", tenant.tenant);
    let secret = admin.call("TokenSecretService/GenerateTokenSecret", json!({ "parent": parent })).await?;
    let client = tenant.confidential_client()?;
    let party = Party::discover(tenant, client).await?;
    let before = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid email").await?;
    let format =
        json!({ "tenant": { "name": parent, "settings": { "accessTokenFormat": "ACCESS_TOKEN_FORMAT_HMAC" } } });
    admin.call("TenantService/UpdateTenant", format).await?;

    let token = until_hmac(&party, tenant).await?;
    let task = json!({
        "issuer": tenant.issuer,
        "client_id": client.client_id,
        "kid": secret["tokenSecret"]["uid"],
        "secret": secret["secret"],
        "access_token": token,
    });
    let said = script::run("pyjoat_consumer.py", &task, &mut Browser::new()?, tenant.user()?).await?;
    assert_eq!(said["authorized_scope"], json!(["email", "openid"]), "{said}");
    assert_eq!(party.userinfo(&token).await?.success()?["sub"], said["user_id"]);
    assert_eq!(party.introspect(&token).await?["active"], true);
    let earlier = before["access_token"].as_str().context("no token")?;
    assert_eq!(party.introspect(earlier).await?["active"], true, "tokens of the other form live on");
    let forged = said["forged"].as_str().context("no forged token")?;
    assert_eq!(party.introspect(forged).await?["active"], false);
    assert_eq!(party.revoke(&token).await?.status, 200);
    assert_eq!(party.introspect(&token).await?["active"], false);
    Ok(())
}

/// An access token in the HMAC form, once the front has heard that it is wanted.
async fn until_hmac(party: &Party, tenant: &Tenant) -> Result<String> {
    for _ in 0..50 {
        let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid email").await?;
        let token = tokens["access_token"].as_str().context("no token")?.to_owned();
        if header(&token)?["alg"] == "HS256" {
            return Ok(token);
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    anyhow::bail!("access tokens keep their form")
}

#[tokio::test]
async fn pyjwt_and_jose_verify_access_tokens_by_the_published_keys() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let client = tenant.confidential_client()?;
        let party = Party::discover(tenant, client).await?;
        let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        for script in ["pyjwt_verifier.py", "jose_verifier.mjs"] {
            let task = json!({
                "issuer": tenant.issuer,
                "jwks_uri": party.endpoint("jwks_uri")?,
                "access_token": tokens["access_token"],
            });
            let said = script::run(script, &task, &mut Browser::new()?, tenant.user()?).await?;
            assert_eq!(said["client_id"], client.client_id.as_str(), "{script}: {said}");
        }
    }
    Ok(())
}

async fn drive(script: &str, tenant: &Tenant, client: &Client) -> Result<Value> {
    let task = json!({ "issuer": tenant.issuer, "client": client });
    script::run(script, &task, &mut Browser::new()?, tenant.user()?).await
}
