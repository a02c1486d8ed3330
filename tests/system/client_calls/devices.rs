//! Devices that cannot show a browser (RFC 8628), and whoever guesses their codes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    dev::Tenant,
    installation::found_with,
    party::{Party, random_text},
};
use serde_json::{Value, json};

use super::{GRANT, is};
use crate::authorization::scene::{Scene, confidential, text};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A tenant of that profile for devices, with a client for them.
async fn devices(scene: &Scene, purpose: &str, profile: &str) -> Result<(Tenant, Party)> {
    let slug = format!("{purpose}-{}", profile[8..].to_lowercase());
    let of = json!({ "profile": profile, "settings": { "deviceAuthorization": true } });
    let tenant = found_with(scene.admin(), &slug, of).await?;
    let more = json!({ "grantTypes": ["GRANT_TYPE_DEVICE_CODE", "GRANT_TYPE_REFRESH_TOKEN"], "redirectUris": [] });
    let party = confidential(scene.admin(), &tenant, &more).await?;
    Ok((tenant, party))
}

async fn begin(party: &Party) -> Result<Value> {
    party.call("device_authorization_endpoint", &[("scope", "openid")]).await?.success()
}

pub(super) async fn hurry(scene: &Scene) -> Result<()> {
    let mut parties = Vec::new();
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let (tenant, party) = devices(scene, "hurry", profile).await?;
        let more = json!({ "grantTypes": ["GRANT_TYPE_DEVICE_CODE"], "redirectUris": [] });
        let other = confidential(scene.admin(), &tenant, &more).await?;
        parties.push((party, other));
    }
    for (at, (party, other)) in parties.iter().enumerate() {
        let codes = begin(party).await?;
        let form = [("grant_type", DEVICE), ("device_code", text(&codes, "device_code")?)];
        let wait = codes["interval"].as_u64().context("no interval")?;
        ensure!(wait == 5, "{codes}");
        // Another client, and one of another tenant: nothing of theirs, and nothing used up (T224).
        let (stranger, _) = &parties[1 - at];
        for thief in [other, stranger] {
            is(&thief.token(&form).await?, GRANT)?;
        }
        is(&party.token(&form).await?, (400, "authorization_pending"))?;
        is(&party.token(&form).await?, (400, "slow_down"))?;
        // From now on five seconds more are asked for: what was in time before is too fast.
        tokio::time::sleep(Duration::from_secs(wait + 1)).await;
        is(&party.token(&form).await?, (400, "slow_down"))?;
        tokio::time::sleep(Duration::from_secs(wait + 10 + 1)).await;
        is(&party.token(&form).await?, (400, "authorization_pending"))?;
    }
    Ok(())
}

pub(super) async fn guessed(scene: &Scene) -> Result<()> {
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let (tenant, party) = devices(scene, "guess", profile).await?;
        let codes = begin(&party).await?;
        // Twenty letters in eight places are 34 bits, and live for ten minutes.
        let code = text(&codes, "user_code")?.replace('-', "");
        ensure!(code.len() >= 8 && code.bytes().all(|letter| letter.is_ascii_uppercase()), "{code}");
        ensure!(codes["expires_in"] == 600, "{codes}");
        ensure!(!text(&codes, "verification_uri")?.contains(&code), "{codes}");

        let place = text(&codes, "verification_uri")?;
        let mut browser = Browser::new()?;
        let mut statuses = Vec::new();
        for _ in 0..7 {
            let mut page = browser.open(place).await?.page()?;
            if page.has("login-submit") {
                let user = tenant.user()?;
                page = browser.log_in(&page, &user.username, &user.password).await?.page()?;
            }
            let mut form = page.form_of("device-continue")?;
            let guess: String = random_text()
                .bytes()
                .take(8)
                .map(|byte| char::from(b"BCDFGHJKLMNPQRSTVWXZ"[usize::from(byte) % 20]))
                .collect();
            form.fill("user_code", &guess)?;
            let page = browser.send(&form).await?.page()?;
            ensure!(!page.has("device-allow") && !page.html.contains(&party.client.client_id), "{}", page.html);
            statuses.push(page.status);
        }
        ensure!(statuses[..5].iter().all(|status| *status == 404), "{statuses:?}");
        ensure!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
        // The right one waits too.
        let mut form = browser.open(place).await?.page()?.form_of("device-continue")?;
        form.fill("user_code", &code)?;
        let page = browser.send(&form).await?.page()?;
        ensure!(page.status == 429 && page.headers.contains_key("retry-after"), "{}: {}", page.status, page.html);
    }
    Ok(())
}
