//! What is bound to a key, in the hands of others.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, claims},
};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{
    GRANT, MACHINE, PROOF, Prover, by_itself, call, challenged, is, of, parties, redeem, refresh, said, sign_in,
    tenant_with, token, userinfo,
};
use crate::authorization::scene::{Scene, text};

/// What a pushed request may not be sent with.
const REQUEST: (u16, &str) = (400, "invalid_request");

fn at_token_endpoint(party: &Party, prover: &Prover) -> Result<String> {
    prover.proof("POST", party.endpoint("token_endpoint")?)
}

pub(super) async fn codes(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let (prover, thief) = (Prover::new()?, Prover::new()?);
        let attempt = party.begin("openid", &[("dpop_jkt", &prover.thumbprint()?)])?;
        let code = scene.code(&party, &attempt).await?;
        is(&redeem(&party, &[], &code, &attempt.verifier).await?, PROOF)?;
        let reply = redeem(&party, &[&at_token_endpoint(&party, &thief)?], &code, &attempt.verifier).await?;
        is(&reply, GRANT)?;
        let proof = at_token_endpoint(&party, &prover)?;
        let tokens = redeem(&party, &[&proof], &code, &attempt.verifier).await?.success()?;
        let bound = &claims(text(&tokens, "access_token")?)?["cnf"];
        ensure!(*bound == json!({ "jkt": prover.thumbprint()? }), "{bound}");
        // The thief comes too late, and ends nothing.
        let reply = redeem(&party, &[&at_token_endpoint(&party, &thief)?], &code, &attempt.verifier).await?;
        is(&reply, GRANT)?;
        let (url, access) = (party.endpoint("userinfo_endpoint")?, text(&tokens, "access_token")?);
        userinfo(&party, "DPoP", access, &[&prover.proof_with("GET", url, access)?]).await?.success()?;
        let odd = party.begin("openid", &[("dpop_jkt", "a thumbprint")])?;
        crate::authorization::scene::refused(&party, &odd, &odd.url, "invalid_request").await?;
    }
    Ok(())
}

pub(super) async fn pushed(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let (prover, other) = (Prover::new()?, Prover::new()?);
        let url = party.endpoint("pushed_authorization_request_endpoint")?;
        let attempt = party.begin("openid", &[])?;
        let asked: Vec<(String, String)> =
            attempt.url.query_pairs().into_owned().filter(|(name, _)| name != "client_id").collect();
        let push = async |proof: &str, more: &[(&str, &str)]| {
            let form: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            call(&party, "pushed_authorization_request_endpoint", &[proof], &[&form, more].concat()).await
        };
        is(&push(&at_token_endpoint(&party, &prover)?, &[]).await?, PROOF)?;
        let elsewhere = [("dpop_jkt", other.thumbprint()?)];
        let elsewhere = elsewhere.each_ref().map(|(name, value)| (*name, value.as_str()));
        is(&push(&prover.proof("POST", url)?, &elsewhere).await?, REQUEST)?;
        let proof = prover.proof("POST", url)?;
        let reply = push(&proof, &[]).await?;
        ensure!(reply.status == 201, "{reply:?}");
        is(&push(&proof, &[]).await?, PROOF)?;
        let mut there = Url::parse(party.endpoint("authorization_endpoint")?)?;
        there
            .query_pairs_mut()
            .append_pair("client_id", &party.client.client_id)
            .append_pair("request_uri", text(&reply.body, "request_uri")?);
        let code = scene.code(&party, &chancery_tests::party::Attempt { url: there, ..attempt.clone() }).await?;
        is(&redeem(&party, &[], &code, &attempt.verifier).await?, PROOF)?;
        let reply = redeem(&party, &[&at_token_endpoint(&party, &other)?], &code, &attempt.verifier).await?;
        is(&reply, GRANT)?;
        let reply = redeem(&party, &[&at_token_endpoint(&party, &prover)?], &code, &attempt.verifier).await?;
        reply.success()?;
    }
    Ok(())
}

pub(super) async fn refreshed(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let (prover, other) = (Prover::new()?, Prover::new()?);
        let tokens = sign_in(scene, &party, &prover, "openid offline_access").await?;
        let token = of(&tokens, "refresh_token")?;
        is(&refresh(&party, &[], token).await?, PROOF)?;
        for _ in 0..2 {
            let again = refresh(&party, &[&at_token_endpoint(&party, &prover)?], token).await?.success()?;
            ensure!(again["refresh_token"] == token && again["token_type"] == "DPoP", "{again}");
        }
        let with_other = refresh(&party, &[&at_token_endpoint(&party, &other)?], token).await?;
        if party.client.client_secret.is_some() {
            let access = with_other.success()?;
            let bound = &claims(text(&access, "access_token")?)?["cnf"];
            ensure!(*bound == json!({ "jkt": other.thumbprint()? }), "{bound}");
        } else {
            is(&with_other, GRANT)?;
        }
        // Whoever tried with another key ended nothing.
        refresh(&party, &[&at_token_endpoint(&party, &prover)?], token).await?.success()?;
        ensure!(party.revoke(token).await?.status == 200);
        is(&refresh(&party, &[&at_token_endpoint(&party, &prover)?], token).await?, GRANT)?;
    }
    Ok(())
}

pub(super) async fn required(scene: &Scene) -> Result<()> {
    let bound = json!({ "dpopBoundAccessTokens": true });
    for party in [scene.confidential(&scene.web, &bound).await?, scene.confidential(&scene.hybrid, &bound).await?] {
        is(&party.token(&MACHINE).await?, PROOF)?;
        by_itself(&party, &Prover::new()?).await?.success()?;
    }
    let [_, party] = tenant_with(scene, "proofs-required", json!({ "dpop": "DPOP_POLICY_REQUIRED" })).await?;
    is(&party.token(&MACHINE).await?, PROOF)?;
    let tokens = by_itself(&party, &Prover::new()?).await?.success()?;
    ensure!(tokens["token_type"] == "DPoP", "{tokens}");
    let told = party.introspect(text(&tokens, "access_token")?).await?;
    ensure!(told["token_type"] == "DPoP" && told["cnf"]["jkt"].is_string(), "{told}");
    Ok(())
}

pub(super) async fn off(scene: &Scene) -> Result<()> {
    let [_, party] = tenant_with(scene, "proofs-off", json!({ "dpop": "DPOP_POLICY_OFF" })).await?;
    ensure!(party.metadata.get("dpop_signing_alg_values_supported").is_none(), "{}", party.metadata);
    for proof in [at_token_endpoint(&party, &Prover::new()?)?, "no proof".to_owned()] {
        let tokens = token(&party, &proof, &MACHINE).await?.success()?;
        ensure!(tokens["token_type"] == "Bearer", "{tokens}");
        ensure!(claims(text(&tokens, "access_token")?)?.get("cnf").is_none(), "{tokens}");
    }
    Ok(())
}

pub(super) async fn without_its_token(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let (prover, other) = (Prover::new()?, Prover::new()?);
        let tokens = sign_in(scene, &party, &prover, "openid").await?;
        let (url, access) = (party.endpoint("userinfo_endpoint")?, of(&tokens, "access_token")?);
        let with = |name: &str, value: Value| {
            let mut said = said("GET", url);
            said["ath"] = super::hash(access).into();
            said[name] = value;
            prover.prove(&said)
        };
        for (name, value) in [
            ("ath", Value::Null),
            ("ath", json!("")),
            ("ath", json!(super::hash("another token"))),
            ("ath", json!(format!("{}=", super::hash(access)))),
            ("ath", json!([super::hash(access)])),
            ("htm", json!("POST")),
            ("htu", json!(party.endpoint("token_endpoint")?)),
        ] {
            let reply = userinfo(&party, "DPoP", access, &[&with(name, value.clone())?]).await?;
            challenged(&reply, "DPoP", "invalid_dpop_proof").with_context(|| format!("{name} {value}"))?;
        }
        challenged(&userinfo(&party, "DPoP", access, &[]).await?, "DPoP", "invalid_dpop_proof")?;
        let reply = userinfo(&party, "DPoP", access, &[&other.proof_with("GET", url, access)?]).await?;
        challenged(&reply, "DPoP", "invalid_token")?;
        let reply = userinfo(&party, "DPoP", access, &[&with("iat", json!(1))?]).await?;
        challenged(&reply, "DPoP", "use_dpop_nonce")?;
        for scheme in ["DPoP", "dpop", "DPOP"] {
            let proof = prover.proof_with("GET", url, access)?;
            userinfo(&party, scheme, access, &[&proof]).await?.success()?;
        }
        let posted = Http::new()?.post(url)?.header("authorization", format!("DPoP {access}"));
        let posted = posted.header("dpop", prover.proof_with("POST", url, access)?);
        Reply::read(posted.send().await?).await?.success()?;
    }
    Ok(())
}

async fn refused_by_itself(party: &Party, access: &str, proof: &str) -> Result<()> {
    challenged(&userinfo(party, "Bearer", access, &[]).await?, "DPoP", "invalid_token")?;
    challenged(&userinfo(party, "Bearer", access, &[proof]).await?, "DPoP", "invalid_token")?;
    // In a form a token comes by itself too.
    let posted = Http::new()?.post(party.endpoint("userinfo_endpoint")?)?.form(&[("access_token", access)]);
    challenged(&Reply::read(posted.send().await?).await?, "DPoP", "invalid_token")?;
    let posted = Http::new()?.post(party.endpoint("userinfo_endpoint")?)?.form(&[("access_token", access)]);
    challenged(&Reply::read(posted.header("dpop", proof).send().await?).await?, "DPoP", "invalid_token")
}

pub(super) async fn presented_by_itself(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("userinfo_endpoint")?;
        let tokens = sign_in(scene, &party, &prover, "openid").await?;
        let access = of(&tokens, "access_token")?;
        refused_by_itself(&party, access, &prover.proof_with("GET", url, access)?).await?;
        // And a token that is bound to nothing is not made better by a proof.
        let attempt = party.begin("openid", &[])?;
        let code = scene.code(&party, &attempt).await?;
        let plain = party.redeem(&code, &attempt.verifier).await?.success()?;
        let access = text(&plain, "access_token")?;
        for scheme in ["DPoP", "Bearer"] {
            let proof = prover.proof_with("GET", url, access)?;
            challenged(&userinfo(&party, scheme, access, &[&proof]).await?, "Bearer", "invalid_token")?;
        }
        party.userinfo(access).await?.success()?;
    }
    Ok(())
}

pub(super) async fn from_pages(scene: &Scene) -> Result<()> {
    let origin = "https://proving-page.example";
    let party = scene.confidential(&scene.web, &json!({ "allowedOrigins": [origin] })).await?;
    let url = Url::parse(party.endpoint("token_endpoint")?)?;
    let begun = std::time::Instant::now();
    // The origins that are known follow within seconds.
    loop {
        let preflight = Http::new()?.request(Method::OPTIONS, &url).header("origin", origin);
        let reply = Reply::read(preflight.header("access-control-request-method", "POST").send().await?).await?;
        let allowed: Vec<_> = reply.header("access-control-allow-headers").split(", ").collect();
        if allowed.contains(&"dpop") {
            break;
        }
        ensure!(begun.elapsed() < std::time::Duration::from_secs(10), "{reply:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
    let stale = Prover::new()?.prove(&json!({ "jti": "x", "htm": "POST", "htu": url.as_str(), "iat": 1 }))?;
    let request = Http::new()?.post(url.as_str())?.basic_auth(id, secret).form(&MACHINE);
    let reply = Reply::read(request.header("origin", origin).header("dpop", stale).send().await?).await?;
    is(&reply, super::NONCE)?;
    let exposed: Vec<_> = reply.header("access-control-expose-headers").split(", ").collect();
    ensure!(exposed.contains(&"dpop-nonce") && exposed.contains(&"www-authenticate"), "{reply:?}");
    Ok(())
}
