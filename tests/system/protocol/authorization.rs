//! What the lines of the authorization endpoint ask beyond the cases of `crate::authorization`.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    browser::{Browser, answer_in},
    installation::found_with,
    party::{Attempt, Party, claims},
};
use serde_json::json;

use super::discovery::profiles;
use crate::authorization::scene::{Scene, sent_back, text, told};

pub(super) async fn any_order(scene: &Scene) -> Result<()> {
    for party in profiles(scene) {
        for scope in ["openid email profile", "email profile openid", "profile openid email"] {
            let attempt = party.begin(scope, &[])?;
            let mut pairs: Vec<_> = attempt.url.query_pairs().into_owned().collect();
            for turn in 0..3 {
                pairs.rotate_left(turn + 2);
                let mut url = attempt.url.clone();
                url.query_pairs_mut().clear().extend_pairs(pairs.iter().rev());
                let turned = Attempt { url, ..attempt.clone() };
                let code = scene.code(party, &turned).await?;
                let tokens = party.redeem(&code, &turned.verifier).await?.success()?;
                let mut granted: Vec<_> = text(&tokens, "scope")?.split(' ').collect();
                granted.sort_unstable();
                ensure!(granted == ["email", "openid", "profile"], "{scope}: {tokens}");
            }
        }
    }
    Ok(())
}

/// Whatever is given by a form, the URL that it is posted to is the registered one to the last byte.
pub(super) async fn forms(scene: &Scene) -> Result<()> {
    let types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
    for (party, types) in [(&scene.web, &types[..1]), (&scene.hybrid, &types[..])] {
        for response_type in types {
            for (good, mode) in [(true, "form_post"), (false, "form_post"), (true, "form_post.jwt")] {
                let attempt =
                    party.begin(if good { "openid" } else { "openid unheard:of" }, &[("response_mode", mode)])?;
                let url = attempt.with("response_type", response_type);
                let page = scene.signed_in(party)?.open(url.as_str()).await?.page()?;
                let form = page.form_to(party.redirect_uri()?)?;
                ensure!(page.status == 200 && form.post && form.action.query().is_none(), "{response_type}: {form:?}");
                let fields = form.fields.into_iter().collect();
                if mode == "form_post.jwt" {
                    let names: Vec<_> = std::collections::BTreeMap::keys(&fields).map(String::as_str).collect();
                    ensure!(names == ["response"], "{names:?}");
                } else if good {
                    ensure!(fields["state"] == attempt.state, "{fields:?}");
                } else {
                    told(party, &attempt, &fields, "invalid_scope")?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn refused_with_query(scene: &Scene) -> Result<()> {
    for beside in profiles(scene) {
        let own = "https://query.example/cb?dummy1=lorem&dummy2=ipsum";
        let party = scene.confidential(beside, &json!({ "redirectUris": [own], "skipConsent": false })).await?;
        let attempt = party.begin("openid", &[])?;
        let mut browser = scene.signed_in(&party)?;
        let page = browser.open(attempt.url.as_str()).await?.page()?;
        let landing = browser.press(&page, "consent-deny").await?;
        let answer = sent_back(&party, &attempt, landing.clone(), "access_denied")?;
        ensure!(landing.away()?.as_str().starts_with(&format!("{own}&error=")), "{answer:?}");
        ensure!(answer["dummy1"] == "lorem" && answer["dummy2"] == "ipsum", "{answer:?}");
    }
    Ok(())
}

pub(super) async fn randomness(scene: &Scene) -> Result<()> {
    for party in profiles(scene) {
        let mut drawn: Vec<Vec<u8>> = Vec::new();
        for _ in 0..24 {
            let attempt = party.begin("openid", &[])?;
            let code = scene.code(party, &attempt).await?;
            let random = code.split_once('_').map_or(code.as_str(), |(_, random)| random);
            drawn.push(URL_SAFE_NO_PAD.decode(random).context("the code is no base64url")?);
        }
        ensure!(drawn.iter().all(|bytes| bytes.len() == 32), "not 256 bits: {}", drawn[0].len());
        ensure!(drawn.iter().collect::<BTreeSet<_>>().len() == drawn.len(), "one twice");
        // No bit stands still: 24 draws leave one of 256 unchanged once in thirty thousand runs.
        let still = (0..256).filter(|bit| {
            let of = |bytes: &Vec<u8>| bytes[bit / 8] >> (bit % 8) & 1;
            drawn.iter().all(|bytes| of(bytes) == of(&drawn[0]))
        });
        ensure!(still.count() == 0, "some bits never change");
    }
    Ok(())
}

pub(super) async fn expired_hint(scene: &Scene) -> Result<()> {
    for (slug, profile) in [("brief-oauth21", "PROFILE_OAUTH21"), ("brief-oidc", "PROFILE_OIDC")] {
        let brief = json!({ "profile": profile, "settings": { "idTokenTtl": "1s" } });
        let tenant = found_with(scene.admin(), slug, brief).await?;
        let party = Party::discover(&tenant, tenant.public_client()?).await?;
        let mut browser = Browser::new()?;
        let tokens = party.sign_in(&mut browser, tenant.user()?, "openid").await?;
        let hint = text(&tokens, "id_token")?;
        let said = claims(hint)?;
        ensure!(said["exp"].as_i64() == said["iat"].as_i64().map(|iat| iat + 1), "{said}");
        tokio::time::sleep(Duration::from_millis(2100)).await;
        let silent = party.begin("openid", &[("prompt", "none"), ("id_token_hint", hint)])?;
        let away = browser.open(silent.url.as_str()).await?.away()?;
        let code = party.code_in(&answer_in(&away, party.redirect_uri()?)?, &silent)?;
        let again = party.redeem(&code, &silent.verifier).await?.success()?;
        ensure!(claims(text(&again, "id_token")?)?["sub"] == said["sub"], "{again}");
        // Nobody is signed in elsewhere, whatever the hint says.
        let landing = Browser::new()?.open(silent.url.as_str()).await?;
        sent_back(&party, &silent, landing, "login_required")?;
    }
    Ok(())
}
