//! Keys rotate while people sign in, and no verifier notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use chancery_tests::{
    admin::{Admin, detail, reason},
    browser::Browser,
    dev::{Dev, Tenant},
    party::{Party, claims},
    program::{Finished, Program},
};
use serde_json::json;

use crate::verifier::Verifier;

/// How long tokens live in this test.
const TOKEN_LIFE: Duration = Duration::from_secs(3);

#[tokio::test]
async fn three_rotations_while_a_client_signs_in_and_a_verifier_caches() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    for tenant in &dev.announced.tenants {
        hasten(&admin, tenant).await?;
        let verifier = Verifier::of(&Party::discover(tenant, tenant.public_client()?).await?).await?;
        let over = Arc::new(AtomicBool::new(false));
        let rounds = Arc::new(AtomicUsize::new(0));
        let signing_in = tokio::spawn(sign_in_until(tenant.clone(), verifier, Arc::clone(&over), Arc::clone(&rounds)));

        let mut signers = vec![active(&admin, tenant).await?];
        for _ in 0..3 {
            rotate_when_allowed(&dev, tenant).await?;
            signers.push(active(&admin, tenant).await?);
            let before = rounds.load(Ordering::SeqCst);
            tokio::time::sleep(TOKEN_LIFE).await;
            assert!(rounds.load(Ordering::SeqCst) > before, "nobody signed in after a rotation");
        }
        over.store(true, Ordering::SeqCst);
        signing_in.await?.with_context(|| format!("at {}, signed by {signers:?}", tenant.tenant))?;
        let distinct: std::collections::BTreeSet<_> = signers.iter().collect();
        assert_eq!(distinct.len(), 4, "{signers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn under_the_default_policy_a_hasty_rotation_is_refused_with_the_time() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    let tenant = &dev.announced.tenants[0];
    let signer = active(&admin, tenant).await?;
    let refused = rotate(&dev, tenant).await?;
    assert!(!refused.success, "{refused:?}");

    let parent = json!({ "parent": format!("tenants/{}", tenant.tenant) });
    let status = admin.try_call("KeyService/RotateKeys", parent.clone()).await?.err().context("it was rotated")?;
    assert_eq!(status.code(), tonic::Code::FailedPrecondition);
    assert_eq!(reason(&status).as_deref(), Some("KEY_NOT_ANNOUNCED"));
    let from = detail(&status, "earliest_time").context("no time")?;
    assert!(refused.stderr.contains(&from[..16]), "{from} is not in {}", refused.stderr);

    let keys = admin.call("KeyService/ListKeys", parent.clone()).await?;
    let keys = keys["keys"].as_array().context("no keys")?.clone();
    let standby = keys.iter().find(|key| key["state"] == "STATE_STANDBY").context("no standby key")?;
    assert_eq!(standby["earliestActivateTime"].as_str().map(|time| &time[..19]), Some(&from[..19]));
    assert_eq!(active(&admin, tenant).await?, signer);

    let mut forced = parent;
    forced["immediate"] = json!(true);
    forced["reason"] = json!("a test");
    admin.call("KeyService/RotateKeys", forced).await?;
    assert_ne!(active(&admin, tenant).await?, signer);
    Ok(())
}

#[tokio::test]
async fn a_token_verifies_to_its_last_second_after_a_rotation() -> Result<()> {
    let dev = Dev::start().await?;
    let (admin, tenant) = (dev.admin().await?, &dev.announced.tenants[0]);
    hasten(&admin, tenant).await?;
    let party = Party::discover(tenant, tenant.confidential_client()?).await?;
    let grant = [("grant_type", "client_credentials")];
    tokio::time::sleep(Duration::from_secs(3)).await;
    let token = party.token(&grant).await?.success()?["access_token"].as_str().context("no token")?.to_owned();
    let issued = Instant::now();
    rotate_when_allowed(&dev, tenant).await?;
    let audience = claims(&token)?["aud"].as_str().context("aud")?.to_owned();
    while issued.elapsed() + Duration::from_millis(1200) < TOKEN_LIFE {
        let mut fresh = Verifier::of(&party).await?;
        fresh.verify(&token, &audience).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// Gives a tenant a policy of a few seconds.
async fn hasten(admin: &Admin, tenant: &Tenant) -> Result<()> {
    let name = format!("tenants/{}", tenant.tenant);
    let life = format!("{}s", TOKEN_LIFE.as_secs());
    let settings = json!({ "accessTokenTtl": life, "idTokenTtl": life });
    let change = json!({
        "tenant": { "name": name, "settings": settings },
        "updateMask": "settings.accessTokenTtl,settings.idTokenTtl",
    });
    admin.call("TenantService/UpdateTenant", change).await?;
    let policy = json!({
        "name": format!("{name}/keyPolicy"),
        "maxAge": "2s", "verifierCache": "2s", "announce": "3s",
        "longestTokenLife": "4s", "retain": "5s", "period": "3600s",
    });
    let mask = "maxAge,verifierCache,announce,longestTokenLife,retain,period";
    admin.call("KeyService/UpdateKeyPolicy", json!({ "keyPolicy": policy, "updateMask": mask })).await?;
    // What was issued under the old policy is cached for as long as that said; begin with what the new one says.
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let begun = Instant::now();
    while !party.keys().await?.header("cache-control").contains("max-age=2") {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(10), "the JWK Set keeps its old max-age");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// `chancery keys rotate TENANT`.
async fn rotate(dev: &Dev, tenant: &Tenant) -> Result<Finished> {
    let (url, key) = (dev.announced.admin_url.as_str(), dev.announced.admin_key.as_str());
    Program::run(&["keys", "rotate", &tenant.tenant, "--admin-url", url, "--admin-key", key]).await
}

async fn rotate_when_allowed(dev: &Dev, tenant: &Tenant) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let done = rotate(dev, tenant).await?;
        if done.success {
            return Ok(());
        }
        anyhow::ensure!(done.stderr.contains("KEY_NOT_ANNOUNCED"), "{done:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    bail!("no rotation within 20 s")
}

/// The key that signs.
async fn active(admin: &Admin, tenant: &Tenant) -> Result<String> {
    let parent = json!({ "parent": format!("tenants/{}", tenant.tenant) });
    let keys = admin.call("KeyService/ListKeys", parent).await?;
    let keys = keys["keys"].as_array().context("no keys")?;
    let signs = keys.iter().find(|key| key["state"] == "STATE_ACTIVE").context("no active key")?;
    Ok(signs["name"].as_str().context("no name")?.to_owned())
}

/// Signs in again and again; every token must verify by keys that are cached for as long as they may be.
async fn sign_in_until(
    tenant: Tenant,
    mut verifier: Verifier,
    over: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
) -> Result<()> {
    let client = tenant.public_client()?;
    let party = Party::discover(&tenant, client).await?;
    while !over.load(Ordering::SeqCst) {
        let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid").await?;
        let [access, id] = ["access_token", "id_token"].map(|name| tokens[name].as_str().unwrap_or_default());
        let audience = claims(access)?["aud"].as_str().context("aud")?.to_owned();
        verifier.verify(id, &client.client_id).await.context("an ID token")?;
        verifier.verify(access, &audience).await.context("an access token")?;
        party.userinfo(access).await?.success().context("UserInfo")?;
        rounds.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}
