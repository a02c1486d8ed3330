//! What tokens and answers can look like: whatever is advertised, a client can register.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::Http,
    party::{Party, claims, header},
};
use serde_json::{Value, json};

use super::trial::Trial;
use crate::{authorization::scene::text, client_keys::ClientKey};

async fn signed_in(trial: &Trial<'_>, more: &Value) -> Result<(Party, Value)> {
    let party = trial.client(more).await?;
    let tokens = trial.tokens(&party, "openid email", &[]).await?;
    Ok((party, tokens))
}

pub(super) async fn id_tokens(trial: &Trial<'_>) -> Result<()> {
    for alg in trial.listed("id_token_signing_alg_values_supported") {
        let (_, tokens) = signed_in(trial, &json!({ "idTokenSignedResponseAlg": alg })).await?;
        ensure!(header(text(&tokens, "id_token")?)?["alg"] == alg, "{alg}: {tokens}");
    }
    Ok(())
}

/// The body of `UserInfo`, whatever it is.
async fn about(party: &Party, tokens: &Value) -> Result<(String, String)> {
    let request = Http::new()?.get(party.endpoint("userinfo_endpoint")?)?.bearer_auth(text(tokens, "access_token")?);
    let response = request.send().await?;
    ensure!(response.status() == 200, "{response:?}");
    let kind = response.headers()["content-type"].to_str()?.to_owned();
    Ok((kind, response.text().await?))
}

pub(super) async fn userinfo(trial: &Trial<'_>) -> Result<()> {
    for alg in trial.listed("userinfo_signing_alg_values_supported") {
        let (party, tokens) = signed_in(trial, &json!({ "userinfoSignedResponseAlg": alg })).await?;
        let (kind, jwt) = about(&party, &tokens).await?;
        ensure!(kind == "application/jwt" && header(&jwt)?["alg"] == alg, "{alg}: {kind} {jwt}");
        let said = claims(&jwt)?;
        ensure!(
            said["iss"] == trial.tenant.issuer.as_str() && said["aud"] == party.client.client_id.as_str(),
            "{said}"
        );
        ensure!(said.get("nonce").is_none() && said["email"].is_string(), "{said}");
        ensure!(said["sub"] == claims(text(&tokens, "id_token")?)?["sub"], "{said}");
    }
    Ok(())
}

pub(super) async fn introspection(trial: &Trial<'_>) -> Result<()> {
    const TYPE: &str = "application/token-introspection+jwt";
    for alg in trial.listed("introspection_signing_alg_values_supported") {
        let (party, tokens) = signed_in(trial, &json!({ "introspectionSignedResponseAlg": alg })).await?;
        let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
        let url = party.endpoint("introspection_endpoint")?;
        let request = Http::new()?.post(url)?.basic_auth(id, secret).header("accept", TYPE);
        let response = request.form(&[("token", text(&tokens, "access_token")?)]).send().await?;
        ensure!(response.status() == 200 && response.headers()["content-type"] == TYPE, "{response:?}");
        let jwt = response.text().await?;
        ensure!(header(&jwt)?["alg"] == alg && header(&jwt)?["typ"] == "token-introspection+jwt", "{jwt}");
        ensure!(claims(&jwt)?["token_introspection"]["active"] == true, "{jwt}");
    }
    Ok(())
}

pub(super) async fn answers(trial: &Trial<'_>) -> Result<()> {
    for alg in trial.listed("authorization_signing_alg_values_supported") {
        let party = trial.client(&json!({ "authorizationSignedResponseAlg": alg })).await?;
        let attempt = party.begin("openid", &[("response_mode", "query.jwt")])?;
        let answer = trial.answer(&party, &attempt).await?;
        ensure!(header(answer.get("response").context("no response")?)?["alg"] == alg, "{alg}: {answer:?}");
    }
    Ok(())
}

/// What such a client gets encrypted.
async fn answered(trial: &Trial<'_>, what: &str, more: &Value) -> Result<String> {
    if what == "authorization" {
        let party = trial.client(more).await?;
        let attempt = party.begin("openid", &[("response_mode", "jwt")])?;
        return trial.answer(&party, &attempt).await?.remove("response").context("no response");
    }
    let (party, tokens) = signed_in(trial, more).await?;
    if what == "id_token" { Ok(text(&tokens, what)?.to_owned()) } else { Ok(about(&party, &tokens).await?.1) }
}

/// Each way with each cipher, to a key that fits. That it can be read is shown by libraries of others.
pub(super) async fn encrypted(trial: &Trial<'_>, what: &str) -> Result<()> {
    let listed = |part: &str| trial.listed(&format!("{what}_encryption_{part}_values_supported"));
    let field = if what == "id_token" { "idToken" } else { what };
    for alg in listed("alg") {
        let kind = if alg.starts_with("RSA") { "RS256" } else { "ES256" };
        for enc in listed("enc") {
            let mut jwk = ClientKey::generate(kind)?.jwk()?;
            jwk["use"] = "enc".into();
            let more = json!({
                "jwks": json!({ "keys": [jwk] }).to_string(),
                format!("{field}EncryptedResponseAlg"): alg, format!("{field}EncryptedResponseEnc"): enc,
            });
            let jwe = answered(trial, what, &more).await.with_context(|| format!("{alg} {enc}"))?;
            let said = header(&jwe)?;
            ensure!(jwe.split('.').count() == 5 && said["alg"] == alg && said["enc"] == enc, "{said}");
            ensure!(said["kid"] == jwk["kid"], "{said}");
        }
    }
    Ok(())
}

pub(super) async fn subjects(trial: &Trial<'_>) -> Result<()> {
    let sub = async |more: Value| -> Result<Value> {
        let (_, tokens) = signed_in(trial, &more).await?;
        Ok(claims(text(&tokens, "id_token")?)?["sub"].clone())
    };
    let public = sub(json!({})).await?;
    for kind in trial.listed("subject_types_supported") {
        let one = sub(json!({ "subjectType": kind, "redirectUris": ["https://one.example/cb"] })).await?;
        let same = sub(json!({ "subjectType": kind, "redirectUris": ["https://one.example/other"] })).await?;
        let other = sub(json!({ "subjectType": kind, "redirectUris": ["https://two.example/cb"] })).await?;
        match kind {
            "public" => ensure!(one == public && same == public && other == public, "{one} {same} {other}"),
            "pairwise" => ensure!(one != public && one == same && one != other && other != public, "{one} {other}"),
            _ => anyhow::bail!("nobody tries {kind}"),
        }
    }
    Ok(())
}
