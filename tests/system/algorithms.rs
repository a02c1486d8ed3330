//! Every algorithm: a token is verified from the JWK Set alone, by libraries that others wrote.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_domain::vocabulary::Algorithm;
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::{Dev, Tenant},
    party::{Party, header},
};
use serde_json::{Value, json};

use crate::script;

/// How many algorithms a tenant may have at a time.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn a_token_of_every_algorithm_verifies_from_the_published_keys_alone() -> Result<()> {
    let dev = Dev::start().await?;
    let (admin, tenant) = (dev.admin().await?, &dev.announced.tenants[0]);
    let party = Party::discover(tenant, tenant.confidential_client()?).await?;
    let settings = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": { "mlDsa": true } });
    admin.call("TenantService/UpdateTenant", json!({ "tenant": settings, "updateMask": "settings.mlDsa" })).await?;
    let all: Vec<_> = Algorithm::ALL.iter().map(|algorithm| json!(algorithm)).collect();
    for group in all.chunks(AT_ONCE) {
        for algorithm in group {
            sign_with(&admin, tenant, group, algorithm).await?;
            let tokens = tokens_signed_with(&party, algorithm).await?;
            for script in verifiers_of(algorithm) {
                let task = json!({
                    "alg": algorithm,
                    "issuer": tenant.issuer,
                    "jwks_uri": party.endpoint("jwks_uri")?,
                    "access_token": tokens["access_token"],
                });
                let said = script::run(script, &task, &mut Browser::new()?, tenant.user()?).await;
                let said = said.with_context(|| algorithm.to_string())?;
                assert_eq!(said["client_id"], party.client.client_id.as_str(), "{algorithm}, {script}: {said}");
            }
        }
    }
    Ok(())
}

/// Those who know the algorithm: of ML-DSA no JOSE library here does.
fn verifiers_of(algorithm: &Value) -> &'static [&'static str] {
    let post_quantum = algorithm.as_str().is_some_and(|name| name.starts_with("ML-DSA"));
    if post_quantum { &["mldsa_verifier.py"] } else { &["jose_verifier.mjs", "pyjwt_verifier.py"] }
}

/// Has the tenant keep keys for the group, announced for a second, and sign with one of it.
async fn sign_with(admin: &Admin, tenant: &Tenant, group: &[Value], algorithm: &Value) -> Result<()> {
    let policy = json!({
        "name": format!("tenants/{}/keyPolicy", tenant.tenant),
        "algorithms": group, "defaultAlgorithm": algorithm,
        "maxAge": "1s", "verifierCache": "1s", "announce": "1s",
    });
    let mask = "algorithms,defaultAlgorithm,maxAge,verifierCache,announce";
    admin.call("KeyService/UpdateKeyPolicy", json!({ "keyPolicy": policy, "updateMask": mask })).await?;
    Ok(())
}

/// Takes tokens until the first key of the algorithm signs.
async fn tokens_signed_with(party: &Party, algorithm: &Value) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        if header(tokens["access_token"].as_str().context("no token")?)?["alg"] == *algorithm {
            return Ok(tokens);
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "nothing is signed with {algorithm}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
