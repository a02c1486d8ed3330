//! Giving tokens back (RFC 7009).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::party::Party;
use serde_json::{Value, json};

use super::{CLIENT, GRANT, is};
use crate::authorization::scene::{Scene, text};

async fn tokens(scene: &Scene, party: &Party) -> Result<Value> {
    let attempt = party.begin("openid offline_access", &[])?;
    let code = scene.code(party, &attempt).await?;
    party.redeem(&code, &attempt.verifier).await?.success()
}

pub(super) async fn of_another(scene: &Scene) -> Result<()> {
    for party in [&scene.backend, &scene.hybrid] {
        let (own, other) = (tokens(scene, party).await?, scene.confidential(party, &json!({})).await?);
        let machine = scene.confidential(party, &json!({})).await?;
        let machines = machine.token(&[("grant_type", "client_credentials")]).await?.success()?;
        for token in [text(&own, "access_token")?, text(&own, "refresh_token")?, text(&machines, "access_token")?] {
            for hint in ["access_token", "refresh_token"] {
                let form = [("token", token), ("token_type_hint", hint)];
                is(&other.call("revocation_endpoint", &form).await?, GRANT)?;
            }
        }
        let mut impostor = party.clone();
        impostor.client.client_secret = Some("wrong".to_owned());
        is(&impostor.revoke(text(&own, "access_token")?).await?, CLIENT)?;
        // All of them are as good as before.
        ensure!(party.introspect(text(&own, "access_token")?).await?["active"] == true);
        ensure!(machine.introspect(text(&machines, "access_token")?).await?["active"] == true);
        party.userinfo(text(&own, "access_token")?).await?.success()?;
        party.refresh(text(&own, "refresh_token")?).await?.success()?;
    }
    Ok(())
}

pub(super) async fn unknown(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let gone = tokens(scene, party).await?;
        ensure!(party.revoke(text(&gone, "refresh_token")?).await?.status == 200);
        for token in
            ["x", "a.b.c", "chr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u{fc}", text(&gone, "refresh_token")?]
        {
            let reply = party.revoke(token).await?;
            ensure!(reply.status == 200 && reply.body == Value::Null, "{token:?}: {reply:?}");
        }
    }
    Ok(())
}

pub(super) async fn whole_grant(scene: &Scene) -> Result<()> {
    for party in [&scene.backend, &scene.hybrid] {
        let first = tokens(scene, party).await?;
        let untouched = tokens(scene, party).await?;
        let mut family = vec![first.clone()];
        for _ in 0..2 {
            let last = family.last().context("one")?;
            let again = party.refresh(text(last, "refresh_token")?).await?.success()?;
            family.push(again);
        }
        for tokens in &family {
            ensure!(party.introspect(text(tokens, "access_token")?).await?["active"] == true);
        }
        let last = family.last().context("one")?;
        ensure!(party.revoke(text(last, "refresh_token")?).await?.status == 200);
        for tokens in &family {
            let token = text(tokens, "access_token")?;
            ensure!(party.introspect(token).await? == json!({ "active": false }), "{tokens}");
            ensure!(party.userinfo(token).await?.refusal() == (401, "invalid_token"));
            is(&party.refresh(text(tokens, "refresh_token")?).await?, GRANT)?;
        }
        // Another grant of the same person to the same client is another thing.
        ensure!(party.introspect(text(&untouched, "access_token")?).await?["active"] == true);
    }
    Ok(())
}
