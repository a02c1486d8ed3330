//! What is given, and how it gets there.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    browser::answer_in,
    party::{Attempt, claims, header},
};
use sha2::{Digest as _, Sha256};

use super::scene::{FRONT, Scene, refused, see, text, told};
use crate::verifier::Verifier;

/// A request of the client on `oidc` for that response type.
fn hybrid(scene: &Scene, response_type: &str, scope: &str, more: &[(&str, &str)]) -> Result<Attempt> {
    let attempt = scene.hybrid.begin(scope, more)?;
    Ok(Attempt { url: attempt.with("response_type", response_type), ..attempt })
}

fn half(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

pub(super) async fn switched_off(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend] {
        for response_type in FRONT.iter().chain(&["token", "none", "code none", "unheard_of", "CODE"]) {
            let attempt = party.begin("openid", &[])?;
            let url = attempt.with("response_type", response_type);
            refused(party, &attempt, &url, "unsupported_response_type").await?;
        }
        ensure!(party.metadata["response_types_supported"] == serde_json::json!(["code"]));
    }
    for response_type in ["token", "none", "unheard_of"] {
        let attempt = hybrid(scene, response_type, "openid", &[])?;
        refused(&scene.hybrid, &attempt, &attempt.url, "unsupported_response_type").await?;
    }
    // Switched on, and not registered.
    let other = scene.site.second.public_client()?;
    let party = chancery_tests::party::Party::discover(&scene.site.second, other).await?;
    let attempt = party.begin("openid", &[])?;
    refused(&party, &attempt, &attempt.with("response_type", "id_token"), "unauthorized_client").await?;
    Ok(())
}

pub(super) async fn in_a_query(scene: &Scene) -> Result<()> {
    for response_type in FRONT {
        for mode in ["query", "query.jwt", "web_message", "QUERY"] {
            let attempt = hybrid(scene, response_type, "openid", &[("response_mode", mode)])?;
            refused(&scene.hybrid, &attempt, &attempt.url, "invalid_request").await?;
            let seen = see(&attempt.url).await?;
            ensure!(!seen.header("location").contains('?'), "{response_type} {mode}: {}", seen.header("location"));
        }
    }
    let attempt = scene.web.begin("openid", &[("response_mode", "web_message")])?;
    refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    Ok(())
}

pub(super) async fn every_type(scene: &Scene) -> Result<()> {
    let party = &scene.hybrid;
    let mut verifier = Verifier::of(party).await?;
    for response_type in FRONT {
        let attempt = hybrid(scene, response_type, "openid email", &[])?;
        let away = scene.signed_in(party)?.open(attempt.url.as_str()).await?.away()?;
        ensure!(away.query().is_none() && away.fragment().is_some(), "{response_type}: {away}");
        let answer = answer_in(&away, party.redirect_uri()?)?;
        ensure!(answer["state"] == attempt.state && answer["iss"] == scene.site.second.issuer, "{answer:?}");
        let words: Vec<_> = response_type.split(' ').collect();
        for (word, name) in [("code", "code"), ("id_token", "id_token"), ("token", "access_token")] {
            ensure!(answer.contains_key(name) == words.contains(&word), "{response_type}: {name}");
        }
        ensure!(!answer.contains_key("refresh_token"), "{response_type}");
        let mut first = None;
        if let Some(id_token) = answer.get("id_token") {
            let said = verifier.verify(id_token, &party.client.client_id).await?;
            ensure!(said["nonce"] == attempt.nonce.as_str(), "{said}");
            for (hash, of) in [("at_hash", "access_token"), ("c_hash", "code"), ("s_hash", "state")] {
                let expected = answer.get(of).map(|text| half(text));
                ensure!(said[hash].as_str() == expected.as_deref(), "{response_type} {hash}: {said}");
            }
            first = Some(said);
            let stateless = scene.signed_in(party)?.open(attempt.with("state", "").as_str()).await?.away()?;
            let said = claims(&answer_in(&stateless, party.redirect_uri()?)?["id_token"])?;
            ensure!(said.get("s_hash").is_none(), "{response_type}: {said}");
        }
        if let Some(access_token) = answer.get("access_token") {
            ensure!(answer["token_type"] == "Bearer" && answer["expires_in"].parse::<u64>()? > 0, "{answer:?}");
            let about = party.userinfo(access_token).await?.success()?;
            ensure!(about["email"].is_string(), "{about}");
            ensure!(party.introspect(access_token).await?["active"] == true, "{response_type}");
        }
        if let Some(code) = answer.get("code") {
            let tokens = party.redeem(code, &attempt.verifier).await?.success()?;
            let second = verifier.verify(text(&tokens, "id_token")?, &party.client.client_id).await?;
            ensure!(second.get("s_hash").is_none(), "no state comes with this one: {second}");
            for claim in ["iss", "sub", "aud", "nonce", "auth_time"] {
                ensure!(first.as_ref().is_none_or(|first| first[claim] == second[claim]), "{response_type} {claim}");
            }
        }
    }
    Ok(())
}

pub(super) async fn id_token_alone(scene: &Scene) -> Result<()> {
    for (response_type, told) in [("id_token", true), ("id_token token", false), ("code id_token", false)] {
        let attempt = hybrid(scene, response_type, "openid profile email", &[])?;
        let answer = scene.answer(&scene.hybrid, &attempt).await?;
        let said = claims(&answer["id_token"])?;
        ensure!(said["email"].is_string() == told && said["name"].is_string() == told, "{response_type}: {said}");
    }
    Ok(())
}

pub(super) async fn nonces(scene: &Scene) -> Result<()> {
    for (response_type, needed) in
        [("code", false), ("code token", false), ("id_token", true), ("id_token token", true), ("code id_token", true)]
    {
        let attempt = hybrid(scene, response_type, "openid", &[])?;
        let without = Attempt { url: attempt.with("nonce", ""), ..attempt };
        if needed {
            refused(&scene.hybrid, &without, &without.url, "invalid_request").await?;
        } else {
            let code = scene.code(&scene.hybrid, &without).await?;
            let tokens = scene.hybrid.redeem(&code, &without.verifier).await?.success()?;
            ensure!(claims(text(&tokens, "id_token")?)?.get("nonce").is_none(), "{response_type}");
        }
    }
    Ok(())
}

pub(super) async fn missing_type(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    refused(party, &attempt, &attempt.with("response_type", ""), "invalid_request").await?;
    let seen = see(&attempt.with("response_type", "")).await?;
    ensure!(seen.header("location").contains("?error="), "{}", seen.header("location"));
    let attempt = party.begin("openid", &[("response_mode", "form_post")])?;
    let page = scene.signed_in(party)?.open(attempt.with("response_type", "").as_str()).await?.page()?;
    let fields = page.form_to(party.redirect_uri()?)?.fields.into_iter().collect();
    told(party, &attempt, &fields, "invalid_request")?;
    Ok(())
}

pub(super) async fn issuer(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let issuer = scene.tenant(party).issuer.clone();
        for mode in ["query", "fragment", "form_post"] {
            let attempt = party.begin("openid", &[("response_mode", mode)])?;
            ensure!(scene.answer(party, &attempt).await?.get("iss") == Some(&issuer), "{mode}");
        }
        let attempt = party.begin("openid", &[])?;
        let refused = refused(party, &attempt, &attempt.with("scope", "unheard:of"), "invalid_scope").await?;
        ensure!(refused.get("iss") == Some(&issuer), "{refused:?}");
    }
    Ok(())
}

pub(super) async fn replayed_hybrid(scene: &Scene) -> Result<()> {
    let party = &scene.hybrid;
    let attempt = hybrid(scene, "code id_token token", "openid", &[])?;
    let answer = scene.answer(party, &attempt).await?;
    let (code, beside) = (&answer["code"], &answer["access_token"]);
    let tokens = party.redeem(code, &attempt.verifier).await?.success()?;
    for token in [beside.as_str(), text(&tokens, "access_token")?] {
        party.userinfo(token).await?.success().context("before")?;
    }
    let again = party.redeem(code, &attempt.verifier).await?;
    ensure!(again.refusal() == (400, "invalid_grant"), "{again:?}");
    for token in [beside.as_str(), text(&tokens, "access_token")?] {
        let reply = party.userinfo(token).await?;
        ensure!(reply.refusal() == (401, "invalid_token"), "{reply:?}");
    }
    Ok(())
}

pub(super) async fn signed(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
            let attempt = party.begin("openid", &[("response_mode", mode)])?;
            let answer = scene.answer(party, &attempt).await?;
            ensure!(answer.len() == 1, "{mode}: {answer:?}");
            let said = verified(party, &answer["response"]).await?;
            ensure!(
                said["iss"] == party.metadata["issuer"] && said["aud"] == party.client.client_id.as_str(),
                "{said}"
            );
            ensure!(said["state"] == attempt.state.as_str(), "{said}");
            let tokens = party.redeem(text(&said, "code")?, &attempt.verifier).await?.success()?;
            let now = claims(text(&tokens, "id_token")?)?["iat"].as_i64().context("no iat")?;
            let left = said["exp"].as_i64().context("no exp")? - now;
            ensure!((1..=600).contains(&left), "{left}");

            let landing = scene.signed_in(party)?.open(attempt.with("scope", "unheard:of").as_str()).await?;
            let answer = match landing {
                chancery_tests::browser::Landing::Away(url) => answer_in(&url, party.redirect_uri()?)?,
                chancery_tests::browser::Landing::Page(page) => {
                    page.form_to(party.redirect_uri()?)?.fields.into_iter().collect()
                }
            };
            let said = verified(party, &answer["response"]).await?;
            ensure!(said["error"] == "invalid_scope" && said.get("code").is_none(), "{said}");
        }
    }
    Ok(())
}

/// What a signed answer says, once its signature has been verified with the published keys.
async fn verified(party: &chancery_tests::party::Party, response: &str) -> Result<serde_json::Value> {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
    let set: JwkSet = serde_json::from_value(party.keys().await?.success()?)?;
    let told = decode_header(response)?;
    let key = set.find(told.kid.as_deref().context("no kid")?).context("an unknown key")?;
    ensure!(header(response)?.get("typ").is_none(), "{}", header(response)?);
    let mut rules = Validation::new(told.alg);
    rules.set_audience(&[&party.client.client_id]);
    rules.set_required_spec_claims(&["exp", "iss", "aud"]);
    Ok(decode(response, &DecodingKey::from_jwk(key)?, &rules)?.claims)
}
