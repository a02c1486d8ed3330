//! Client libraries that others wrote configure themselves from the issuer alone, and sign in to both demo tenants.

use anyhow::Result;
use chancery_tests::{
    browser::Browser,
    dev::{Client, Dev, Tenant},
};
use serde_json::{Value, json};

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
async fn pyjwt_and_jose_verify_access_tokens_by_the_published_keys() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let client = tenant.confidential_client()?;
        let party = chancery_tests::party::Party::discover(tenant, client).await?;
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
