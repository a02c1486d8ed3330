//! How long tokens live, and how often they are refreshed.

use anyhow::{Result, ensure};
use chancery_tests::{
    dev::Tenant,
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::{register, signed_in, text};
use crate::databases::Site;

/// Lives of a client's own for each kind of token; a refreshed ID token is about the same person and sign-in.
pub(super) async fn p044_tokens_live_as_long_and_are_refreshed_as_often(site: &Site, tenant: &Tenant) -> Result<()> {
    let lifetimes = json!({
        "accessTokenTtl": "120s", "clientCredentialsTtl": "60s", "idTokenTtl": "90s", "refreshMaxUses": 2,
    });
    let short = register(site, tenant, "short-lived", json!({ "tokenLifetimes": lifetimes })).await?;
    let usual = register(site, tenant, "usual-lived", json!({})).await?;
    let tokens = signed_in(&short, tenant, "openid email offline_access").await?;
    ensure!(tokens["expires_in"] == 120, "{tokens}");
    ensure!((life(&tokens, "access_token")?, life(&tokens, "id_token")?) == (120, 90), "{tokens}");
    let machine = short.token(&[("grant_type", "client_credentials")]).await?.success()?;
    ensure!(machine["expires_in"] == 60 && life(&machine, "access_token")? == 60, "{machine}");
    let others = signed_in(&usual, tenant, "openid").await?;
    ensure!(life(&others, "access_token")? > 120, "{others}");

    let first = claims(text(&tokens, "id_token")?)?;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let once = refreshed(&short, &tokens, &[("scope", "openid")]).await?;
    let again = claims(text(&once, "id_token")?)?;
    for same in ["iss", "sub", "aud", "auth_time", "azp", "sid"] {
        ensure!(again[same] == first[same], "{same}: {first} {again}");
    }
    ensure!(again["iat"].as_i64() > first["iat"].as_i64(), "{first} {again}");
    ensure!(again.get("nonce").is_none(), "a stale nonce proves nothing: {again}");
    let foreign = usual.refresh(text(&once, "refresh_token")?).await?;
    ensure!(foreign.refusal() == (400, "invalid_grant"), "{foreign:?}");
    let twice = refreshed(&short, &once, &[]).await?;
    // The token of the second use may be there; there is no third.
    let third = short.refresh(twice["refresh_token"].as_str().unwrap_or("chr_none")).await?;
    ensure!(third.refusal() == (400, "invalid_grant"), "{third:?}");
    Ok(())
}

async fn refreshed(party: &Party, tokens: &Value, more: &[(&str, &str)]) -> Result<Value> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", text(tokens, "refresh_token")?)];
    party.token(&[&form[..], more].concat()).await?.success()
}

fn life(tokens: &Value, name: &str) -> Result<i64> {
    let claims = claims(text(tokens, name)?)?;
    Ok(claims["exp"].as_i64().unwrap_or_default() - claims["iat"].as_i64().unwrap_or_default())
}
