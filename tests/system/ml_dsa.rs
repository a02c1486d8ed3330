//! A tenant that signs with ML-DSA (RFC 9964): what a quantum computer does not forge, a library that others wrote
//! verifies, and the long tokens fit through every door.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::{Dev, User},
    party::{Party, header},
};
use serde_json::{Value, json};

use crate::script;

#[tokio::test]
async fn every_ml_dsa_verifies_by_the_published_keys_alone() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    let tenant = &dev.announced.tenants[0];
    let policy = format!("tenants/{}/keyPolicy", tenant.tenant);
    let known = admin.call("KeyService/GetKeyPolicy", json!({ "name": policy })).await?;
    let before = known["defaultAlgorithm"].as_str().context("no default algorithm")?;
    let asked = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": { "mlDsa": true } });
    admin.call("TenantService/UpdateTenant", json!({ "tenant": asked, "updateMask": "settings.mlDsa" })).await?;
    let all = [before, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];
    let brisk = json!({
        "name": policy, "algorithms": all, "maxAge": "1s", "verifierCache": "1s", "announce": "1s",
    });
    update(&admin, brisk, "algorithms,maxAge,verifierCache,announce").await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let party = Party::discover(tenant, tenant.public_client()?).await?;
    for alg in &all[1..] {
        update(&admin, json!({ "name": policy, "defaultAlgorithm": alg }), "defaultAlgorithm").await?;
        let tokens = tokens_signed_with(&party, tenant.user()?, alg).await?;
        let task = json!({
            "alg": alg,
            "issuer": tenant.issuer,
            "jwks_uri": party.endpoint("jwks_uri")?,
            "access_token": tokens["access_token"],
            "id_token": tokens["id_token"],
        });
        let said = script::run("mldsa_verifier.py", &task, &mut Browser::new()?, tenant.user()?).await?;
        assert_eq!(said["client_id"], party.client.client_id.as_str(), "{said}");
        let access_token = tokens["access_token"].as_str().context("no access token")?;
        let userinfo = party.userinfo(access_token).await?.success()?;
        assert_eq!(userinfo["sub"], said["sub"], "as a bearer token in a header");
    }
    Ok(())
}

async fn update(admin: &Admin, policy: Value, mask: &str) -> Result<Value> {
    admin.call("KeyService/UpdateKeyPolicy", json!({ "keyPolicy": policy, "updateMask": mask })).await
}

/// Signs in until the front knows of the new default.
async fn tokens_signed_with(party: &Party, user: &User, alg: &str) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let tokens = party.sign_in(&mut Browser::new()?, user, "openid profile").await?;
        if header(tokens["id_token"].as_str().context("no ID token")?)?["alg"] == alg {
            return Ok(tokens);
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "nothing is signed with {alg}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
