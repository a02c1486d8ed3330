//! What can be asked of the authorization endpoint, and how it answers.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use chancery_tests::{
    browser::{Browser, Landing, answer_in},
    party::{Attempt, claims as said_by},
};
use serde_json::{Map, Value, json};

use super::trial::Trial;
use crate::authorization::scene::text;

pub(super) async fn scopes(trial: &Trial<'_>) -> Result<()> {
    for scope in trial.listed("scopes_supported") {
        let asked = if scope == "openid" { "openid".to_owned() } else { format!("openid {scope}") };
        let prompt: &[_] = if scope == "offline_access" { &[("prompt", "consent")] } else { &[] };
        let tokens = trial.tokens(&trial.party, &asked, prompt).await?;
        ensure!(text(&tokens, "scope")?.split(' ').any(|own| own == scope), "{scope}: {tokens}");
        ensure!(scope != "offline_access" || tokens["refresh_token"].is_string(), "{tokens}");
    }
    Ok(())
}

/// Each claim is told somewhere when it is asked for, of somebody of whom everything is known.
pub(super) async fn claims(trial: &Trial<'_>) -> Result<()> {
    let listed = trial.listed("claims_supported");
    let each: Map<String, Value> = listed.iter().map(|claim| ((*claim).to_owned(), Value::Null)).collect();
    let wanted = json!({ "id_token": each, "userinfo": each }).to_string();
    let acr = trial.listed("acr_values_supported").join(" ");
    let tokens =
        trial.tokens(&trial.party, "openid profile email", &[("claims", &wanted), ("acr_values", &acr)]).await?;
    let id_token = said_by(text(&tokens, "id_token")?)?;
    let about = trial.party.userinfo(text(&tokens, "access_token")?).await?.success()?;
    for claim in listed {
        let told = [&id_token, &about].into_iter().any(|said| said.get(claim).is_some_and(|value| !value.is_null()));
        ensure!(told, "{claim} is told nowhere: {id_token} {about}");
    }
    Ok(())
}

pub(super) async fn types(trial: &Trial<'_>) -> Result<()> {
    for response_type in trial.listed("response_types_supported") {
        let attempt = trial.party.begin("openid", &[])?;
        let attempt = Attempt { url: attempt.with("response_type", response_type), ..attempt };
        let answer = trial.answer(&trial.party, &attempt).await?;
        for (word, name) in [("code", "code"), ("id_token", "id_token"), ("token", "access_token")] {
            let wanted = response_type.split(' ').any(|own| own == word);
            ensure!(answer.contains_key(name) == wanted, "{response_type}: {answer:?}");
        }
    }
    Ok(())
}

pub(super) async fn modes(trial: &Trial<'_>) -> Result<()> {
    let party = &trial.party;
    for mode in trial.listed("response_modes_supported") {
        let attempt = party.begin("openid", &[("response_mode", mode)])?;
        let landing = trial.landing(&attempt.url).await?;
        let carried: BTreeMap<String, String> = match (mode, &landing) {
            ("query" | "jwt" | "query.jwt", Landing::Away(url)) if url.fragment().is_none() => {
                url.query_pairs().into_owned().collect()
            }
            ("fragment" | "fragment.jwt", Landing::Away(url)) if url.query().is_none() => {
                answer_in(url, party.redirect_uri()?)?
            }
            ("form_post" | "form_post.jwt", Landing::Page(page)) => {
                page.form_to(party.redirect_uri()?)?.fields.into_iter().collect()
            }
            _ => bail!("{mode}: {landing:?}"),
        };
        let code = if mode.ends_with("jwt") {
            ensure!(carried.len() == 1, "{mode}: {carried:?}");
            let said = said_by(carried.get("response").context("no response")?)?;
            ensure!(said["state"] == attempt.state.as_str(), "{said}");
            text(&said, "code")?.to_owned()
        } else {
            party.code_in(&carried, &attempt)?
        };
        party.redeem(&code, &attempt.verifier).await?.success()?;
    }
    Ok(())
}

pub(super) async fn prompts(trial: &Trial<'_>) -> Result<()> {
    // People are asked about this one.
    let asks = trial.client(&json!({ "skipConsent": false })).await?;
    let allowed = asks.begin("openid", &[])?;
    asks.code_in(&trial.answer(&asks, &allowed).await?, &allowed)?;
    for prompt in trial.listed("prompt_values_supported") {
        let attempt = asks.begin("openid", &[("prompt", prompt)])?;
        let landing = trial.landing(&attempt.url).await?;
        let good = match (prompt, &landing) {
            ("none", Landing::Away(url)) => asks.code_in(&answer_in(url, asks.redirect_uri()?)?, &attempt).is_ok(),
            ("login" | "select_account", Landing::Page(page)) => page.has("login-submit"),
            ("consent", Landing::Page(page)) => page.has("consent-allow"),
            ("create", Landing::Away(url)) => url.as_str().starts_with("https://everything.example/join?"),
            _ => false,
        };
        ensure!(good, "{prompt}: {landing:?}");
    }
    Ok(())
}

pub(super) async fn challenges(trial: &Trial<'_>) -> Result<()> {
    ensure!(trial.listed("code_challenge_methods_supported") == ["S256"], "only S256 is tried here");
    let attempt = trial.party.begin("openid", &[])?;
    let code = trial.party.code_in(&trial.answer(&trial.party, &attempt).await?, &attempt)?;
    ensure!(trial.party.redeem(&code, &"w".repeat(43)).await?.refusal() == (400, "invalid_grant"));
    trial.party.redeem(&code, &attempt.verifier).await?.success()?;
    Ok(())
}

pub(super) async fn acr(trial: &Trial<'_>) -> Result<()> {
    for acr in trial.listed("acr_values_supported") {
        let wanted = json!({ "id_token": { "acr": { "essential": true, "value": acr } } }).to_string();
        for more in [("claims", wanted.as_str()), ("acr_values", acr)] {
            let tokens = trial.tokens(&trial.party, "openid", &[more]).await?;
            ensure!(said_by(text(&tokens, "id_token")?)?["acr"] == acr, "{acr}: {tokens}");
        }
    }
    Ok(())
}

pub(super) async fn pages(trial: &Trial<'_>) -> Result<()> {
    for display in trial.listed("display_values_supported") {
        let attempt = trial.party.begin("openid", &[("display", display)])?;
        let page = Browser::new()?.open(attempt.url.as_str()).await?.page()?;
        ensure!(page.status == 200 && page.has("login-submit"), "{display}: {}", page.html);
    }
    for locale in trial.listed("ui_locales_supported") {
        let attempt = trial.party.begin("openid", &[("ui_locales", &format!("tlh {locale} en"))])?;
        let page = Browser::new()?.open(attempt.url.as_str()).await?.page()?;
        ensure!(page.html.contains(&format!("<html lang=\"{locale}\"")), "{locale}: {}", page.html);
    }
    Ok(())
}

pub(super) async fn issuer(trial: &Trial<'_>) -> Result<()> {
    ensure!(trial.metadata()["authorization_response_iss_parameter_supported"] == true);
    let attempt = trial.party.begin("openid", &[])?;
    for url in [attempt.url.clone(), attempt.with("scope", "unheard:of")] {
        let answer = trial.answer(&trial.party, &Attempt { url, ..attempt.clone() }).await?;
        ensure!(answer.get("iss") == Some(&trial.tenant.issuer), "{answer:?}");
    }
    Ok(())
}
