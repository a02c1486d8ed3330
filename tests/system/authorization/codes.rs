//! What a code is worth.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::Reply,
    installation::found_with,
    party::{Attempt, Party},
};
use serde_json::json;

use super::scene::{Scene, text};

/// A fresh code with its request.
async fn fresh(scene: &Scene, party: &Party, scope: &str) -> Result<(String, Attempt)> {
    let attempt = party.begin(scope, &[])?;
    Ok((scene.code(party, &attempt).await?, attempt))
}

fn is(reply: &Reply, expected: (u16, &str)) -> Result<()> {
    ensure!(reply.refusal() == expected, "{expected:?} was expected of {reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    Ok(())
}

const GRANT: (u16, &str) = (400, "invalid_grant");

pub(super) async fn replayed(scene: &Scene) -> Result<()> {
    for party in [&scene.backend, &scene.hybrid] {
        let (code, attempt) = fresh(scene, party, "openid offline_access").await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        let access_token = text(&tokens, "access_token")?;

        // A stranger who has the code alone ends nothing (T051).
        is(&party.redeem(&code, &"w".repeat(43)).await?, GRANT)?;
        let mut impostor = party.clone();
        impostor.client.client_secret = Some("wrong".to_owned());
        is(&impostor.redeem(&code, &attempt.verifier).await?, (401, "invalid_client"))?;
        party.userinfo(access_token).await?.success().context("after strangers")?;

        // With all else in order it does (T050), and what was ended stays so.
        is(&party.redeem(&code, &attempt.verifier).await?, GRANT)?;
        ensure!(party.userinfo(access_token).await?.refusal() == (401, "invalid_token"));
        ensure!(party.introspect(access_token).await? == json!({ "active": false }));
        is(&party.refresh(text(&tokens, "refresh_token")?).await?, GRANT)?;
        is(&party.redeem(&code, &attempt.verifier).await?, GRANT)?;
    }
    Ok(())
}

pub(super) async fn at_once(scene: &Scene) -> Result<()> {
    let installation = &scene.site.installation;
    let mut programs = Vec::new();
    let mut parties = vec![scene.backend.clone()];
    if installation.database_url().starts_with("postgres") {
        for name in ["second", "third"] {
            let replica = installation.replica(name)?;
            programs.push(installation.serve(&replica).await?);
            parties.push(scene.backend.by_way_of(installation.way_to(&replica)?));
        }
    }
    let (code, attempt) = fresh(scene, &scene.backend, "openid").await?;
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..64 {
        let (party, code, verifier) = (parties[at % parties.len()].clone(), code.clone(), attempt.verifier.clone());
        tasks.spawn(async move { party.redeem(&code, &verifier).await });
    }
    let mut given = 0;
    while let Some(reply) = tasks.join_next().await {
        let reply = reply??;
        if reply.status == 200 {
            given += 1;
        } else {
            is(&reply, GRANT)?;
        }
    }
    ensure!(given == 1, "{given}");
    Ok(())
}

pub(super) async fn too_old(scene: &Scene) -> Result<()> {
    let hasty = json!({ "profile": "PROFILE_OAUTH21", "settings": { "codeTtl": "1s" } });
    let tenant = found_with(scene.admin(), "hasty", hasty).await?;
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    for (wait, good) in [(0, true), (1300, false)] {
        let attempt = party.begin("openid", &[])?;
        let code = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let reply = party.redeem(&code, &attempt.verifier).await?;
        if good { drop(reply.success()?) } else { is(&reply, GRANT)? }
    }
    // No tenant's codes live longer than a minute.
    let slow = json!({ "name": "tenants/hasty", "settings": { "codeTtl": "61s" } });
    let update = json!({ "tenant": slow, "updateMask": "settings.codeTtl" });
    let refused = scene.admin().try_call("TenantService/UpdateTenant", update).await?;
    ensure!(refused.is_err_and(|status| status.code() == tonic::Code::InvalidArgument));
    Ok(())
}

pub(super) async fn of_another_client(scene: &Scene) -> Result<()> {
    let (code, attempt) = fresh(scene, &scene.backend, "openid").await?;
    let mut thief = scene.web.clone();
    thief.client.redirect_uris.clone_from(&scene.backend.client.redirect_uris);
    is(&thief.redeem(&code, &attempt.verifier).await?, GRANT)?;
    // The id of one with the proof of another.
    let mut mixed = scene.backend.clone();
    mixed.client.client_id.clone_from(&scene.hybrid.client.client_id);
    is(&mixed.redeem(&code, &attempt.verifier).await?, (401, "invalid_client"))?;
    scene.backend.redeem(&code, &attempt.verifier).await?.success().context("its own client afterwards")?;
    Ok(())
}

pub(super) async fn for_another_place(scene: &Scene) -> Result<()> {
    for (party, left_out) in [(&scene.web, true), (&scene.hybrid, false)] {
        let (code, attempt) = fresh(scene, party, "openid").await?;
        let mut elsewhere = party.clone();
        elsewhere.client.redirect_uris = vec!["https://elsewhere.example/cb".to_owned()];
        is(&elsewhere.redeem(&code, &attempt.verifier).await?, GRANT)?;
        let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", &attempt.verifier)];
        let reply = party.token(&form).await?;
        if left_out {
            reply.success().context("OAuth 2.1 does not send it")?;
        } else {
            is(&reply, GRANT)?;
            party.redeem(&code, &attempt.verifier).await?.success()?;
        }
    }
    Ok(())
}

pub(super) async fn of_another_tenant(scene: &Scene) -> Result<()> {
    let (code, attempt) = fresh(scene, &scene.backend, "openid").await?;
    let mut there = scene.hybrid.clone();
    there.client.redirect_uris.clone_from(&scene.backend.client.redirect_uris);
    is(&there.redeem(&code, &attempt.verifier).await?, GRANT)?;
    scene.backend.redeem(&code, &attempt.verifier).await?.success().context("at home afterwards")?;
    Ok(())
}

pub(super) async fn none_at_all(scene: &Scene) -> Result<()> {
    let party = &scene.backend;
    let (code, attempt) = fresh(scene, party, "openid offline_access").await?;
    let flipped: String = code
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    for spoilt in [
        code[..code.len() - 1].to_owned(),
        format!("{code}A"),
        format!("{code}="),
        format!("{code} "),
        flipped,
        code.replacen("chc_", "chr_", 1),
        "chc_".to_owned(),
        "nonsense".to_owned(),
    ] {
        is(&party.redeem(&spoilt, &attempt.verifier).await?, GRANT).with_context(|| spoilt.clone())?;
    }
    // Every other thing for one use is none here, and a code is none of those.
    is(&party.refresh(&code).await?, GRANT)?;
    let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
    for name in ["refresh_token", "access_token", "id_token"] {
        is(&party.redeem(text(&tokens, name)?, &attempt.verifier).await?, GRANT).context(name)?;
    }
    for name in ["access_token", "id_token"] {
        is(&party.refresh(text(&tokens, name)?).await?, GRANT).context(name)?;
    }
    party.refresh(text(&tokens, "refresh_token")?).await?.success()?;
    Ok(())
}

pub(super) async fn gone_in_between(scene: &Scene) -> Result<()> {
    let admin = scene.admin();
    for gone in ["person", "consent", "client", "tenant"] {
        let slug = format!("gone-{gone}");
        let tenant = found_with(admin, &slug, json!({ "profile": "PROFILE_OAUTH21" })).await?;
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        let attempt = party.begin("openid", &[])?;
        let code = party.obtain_code(&mut Browser::new()?, tenant.user()?, &attempt).await?;
        let parent = format!("tenants/{slug}");
        let client = format!("{parent}/clients/{}", party.client.client_id);
        // Who is refused before the code is looked at is refused as whoever they are.
        let expected = match gone {
            "person" => {
                let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
                admin.call("UserService/DisableUser", json!({ "name": users["users"][0]["name"] })).await?;
                GRANT
            }
            "consent" => {
                let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
                let of = json!({ "parent": users["users"][0]["name"] });
                let consents = admin.call("ConsentService/ListConsents", of).await?;
                let name = consents["consents"][0]["name"].clone();
                admin.call("ConsentService/RevokeConsent", json!({ "name": name })).await?;
                GRANT
            }
            "client" => {
                admin.call("ClientService/DisableClient", json!({ "name": client })).await?;
                (401, "invalid_client")
            }
            _ => {
                admin.call("TenantService/SuspendTenant", json!({ "name": parent })).await?;
                (403, "access_denied")
            }
        };
        // It takes up to seconds until it is heard of.
        if matches!(gone, "client" | "tenant") {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        is(&party.redeem(&code, &attempt.verifier).await?, expected).context(gone)?;
    }
    Ok(())
}

pub(super) async fn injected(scene: &Scene) -> Result<()> {
    // The victim's code meets the attacker's verifier, and the other way round.
    let [victim, attacker] = [scene.web.begin("openid", &[])?, scene.web.begin("openid", &[])?];
    let code = scene.code(&scene.web, &victim).await?;
    ensure!(scene.web.redeem(&code, &attacker.verifier).await?.refusal() == (400, "invalid_grant"));
    scene.web.redeem(&code, &victim.verifier).await?.success()?;
    Ok(())
}
