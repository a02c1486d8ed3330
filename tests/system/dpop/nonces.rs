//! Nonces of the server, and clocks that are wrong.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{MACHINE, NONCE, PROOF, Prover, by_itself, is, machines, nonce, said, tenant_with, token, userinfo};
use crate::{authorization::scene::Scene, client_keys::now};

pub(super) async fn wrong_clock(scene: &Scene) -> Result<()> {
    for party in machines(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("token_endpoint")?;
        for away in [-3600, -120, 120, 3600] {
            let mut said = said("POST", url);
            said["iat"] = json!(now() + away);
            let reply = token(&party, &prover.prove(&said)?, &MACHINE).await?;
            is(&reply, NONCE)?;
            said["nonce"] = json!(nonce(&reply)?);
            token(&party, &prover.prove(&said)?, &MACHINE).await?.success()?;
            // The nonce makes it no other proof.
            is(&token(&party, &prover.prove(&said)?, &MACHINE).await?, PROOF)?;
        }
        for iat in [json!(-1), json!(1.5)] {
            let mut said = said("POST", url);
            said["iat"] = iat;
            is(&token(&party, &prover.prove(&said)?, &MACHINE).await?, PROOF)?;
        }
    }
    Ok(())
}

pub(super) async fn stale_and_foreign(scene: &Scene) -> Result<()> {
    let [first, second] = machines(scene).await?;
    let prover = Prover::new()?;
    let with = |url: &str, nonce: &str| {
        let mut said = said("POST", url);
        said["nonce"] = json!(nonce);
        prover.prove(&said)
    };
    let url = first.endpoint("token_endpoint")?;
    let reply = token(&first, &with(url, "a nonce")?, &MACHINE).await?;
    is(&reply, NONCE)?;
    let live = nonce(&reply)?;
    token(&first, &with(url, &live)?, &MACHINE).await?.success()?;
    token(&first, &with(url, &live)?, &MACHINE).await?.success()?;
    // Of another tenant, of another time, and nearly right.
    let foreign = second.endpoint("token_endpoint")?;
    is(&token(&second, &with(foreign, &live)?, &MACHINE).await?, NONCE)?;
    let mut bent = live.clone().into_bytes();
    bent[20] = if bent[20] == b'A' { b'B' } else { b'A' };
    for bad in [String::from_utf8(bent)?, live[1..].to_owned(), format!("{live}A"), String::new()] {
        is(&token(&first, &with(url, &bad)?, &MACHINE).await?, NONCE)?;
    }
    let mut said = said("POST", url);
    said["nonce"] = json!([live]);
    is(&token(&first, &prover.prove(&said)?, &MACHINE).await?, PROOF)?;
    // Without any, it goes on as before.
    by_itself(&first, &prover).await?.success()?;
    Ok(())
}

pub(super) async fn wanted(scene: &Scene) -> Result<()> {
    let [_, party] = tenant_with(scene, "wanting-nonces", json!({ "dpopNonceRequired": true })).await?;
    let prover = Prover::new()?;
    let reply = by_itself(&party, &prover).await?;
    is(&reply, NONCE)?;
    let mut said = said("POST", party.endpoint("token_endpoint")?);
    said["nonce"] = json!(nonce(&reply)?);
    let reply = token(&party, &prover.prove(&said)?, &MACHINE).await?;
    // The next one is given with each answer.
    ensure!(!nonce(&reply)?.is_empty());
    let tokens = reply.success()?;
    let access = tokens["access_token"].as_str().unwrap_or_default();
    let url = party.endpoint("userinfo_endpoint")?;
    let reply = userinfo(&party, "DPoP", access, &[&prover.proof_with("GET", url, access)?]).await?;
    super::challenged(&reply, "DPoP", "use_dpop_nonce")?;
    ensure!(party.token(&MACHINE).await?.success()?["token_type"] == "Bearer", "whoever proves nothing needs none");
    Ok(())
}
