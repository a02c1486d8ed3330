//! What signs a client's tokens and answers.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    dev::Tenant,
    http::Http,
    party::{Party, claims, header},
};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

use super::{register, signed_in, text, until};
use crate::databases::Site;

const SIGNED: &str = "application/token-introspection+jwt";

/// ID tokens, UserInfo and introspection are signed as the client registered, and not where it did not.
pub(super) async fn p031_t261_what_signs_is_what_was_registered(site: &Site, tenant: &Tenant) -> Result<()> {
    offer(site, tenant).await?;
    let usual = register(site, tenant, "usual", json!({})).await?;
    let chosen = json!({
        "idTokenSignedResponseAlg": "EdDSA",
        "userinfoSignedResponseAlg": "ES256",
        "introspectionSignedResponseAlg": "EdDSA",
    });
    let chosen = register(site, tenant, "chosen", chosen).await?;
    until("a key of each algorithm", async || {
        let keys = chosen.keys().await?.body;
        let kinds = keys["keys"].as_array().context("keys")?.iter().filter_map(|key| key["alg"].as_str()).count();
        let tokens = signed_in(&chosen, tenant, "openid").await?;
        Ok(kinds >= 3 && header(text(&tokens, "id_token")?)?["alg"] == "EdDSA")
    })
    .await?;

    let tokens = signed_in(&usual, tenant, "openid email").await?;
    let unasked = if tenant.tenant == site.second.tenant { "RS256" } else { "ES256" };
    ensure!(header(text(&tokens, "id_token")?)?["alg"] == unasked, "{tokens}");
    let plain = usual.userinfo(text(&tokens, "access_token")?).await?;
    ensure!(plain.header("content-type").starts_with("application/json"), "{plain:?}");
    let (status, kind, body) = introspect(&usual, text(&tokens, "access_token")?).await?;
    ensure!(status == 400 && kind.starts_with("application/json") && body.contains("unauthorized_client"), "{body}");

    let tokens = signed_in(&chosen, tenant, "openid email").await?;
    let access = text(&tokens, "access_token")?;
    let answer = Http::new()?.get(chosen.endpoint("userinfo_endpoint")?)?.bearer_auth(access).send().await?;
    ensure!(answer.headers()[CONTENT_TYPE] == "application/jwt");
    let answer = answer.text().await?;
    let (head, said) = (header(&answer)?, claims(&answer)?);
    ensure!(
        head["alg"] == "ES256" && said["aud"] == "chosen" && said["iss"] == tenant.issuer.as_str(),
        "{head} {said}"
    );
    ensure!(said.get("nonce").is_none() && said["email"].is_string(), "{said}");

    let (status, kind, answer) = introspect(&chosen, access).await?;
    ensure!((status, &*kind) == (200, SIGNED), "{status} {kind} {answer}");
    let (head, said) = (header(&answer)?, claims(&answer)?);
    ensure!(head["alg"] == "EdDSA" && head["typ"] == "token-introspection+jwt", "{head}");
    ensure!(said["iss"] == tenant.issuer.as_str() && said["aud"] == "chosen", "{said}");
    ensure!(said["token_introspection"]["active"] == true && said.get("sub").is_none(), "{said}");
    Ok(())
}

/// Has the tenant keep keys of three algorithms.
async fn offer(site: &Site, tenant: &Tenant) -> Result<()> {
    let policy = json!({
        "name": format!("tenants/{}/keyPolicy", tenant.tenant),
        "algorithms": ["ES256", "RS256", "EdDSA"], "defaultAlgorithm": "ES256",
    });
    let message = json!({ "keyPolicy": policy, "updateMask": "algorithms,defaultAlgorithm" });
    site.admin.call("KeyService/UpdateKeyPolicy", message).await.map(drop)
}

/// The status, the media type and the body of an introspection that asks for a signed answer.
async fn introspect(party: &Party, token: &str) -> Result<(u16, String, String)> {
    let client = &party.client;
    let request = Http::new()?.post(party.endpoint("introspection_endpoint")?)?;
    let request = request.basic_auth(&client.client_id, client.client_secret.as_ref()).header(ACCEPT, SIGNED);
    let answer = request.form(&[("token", token)]).send().await?;
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    Ok((answer.status().as_u16(), kind, answer.text().await?))
}
