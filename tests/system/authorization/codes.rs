//! What a code is worth.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::{Http, Reply},
    installation::found_with,
    party::{Attempt, Party},
};
use serde_json::json;

use super::scene::{Scene, confidential, text};
use crate::making::{own_name, until};

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
    let hasty = json!({ "profile": "PROFILE_OAUTH21", "settings": { "codeTtl": "6s" } });
    let tenant = found_with(scene.admin(), "hasty", hasty).await?;
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    for (wait, good) in [(0, true), (6100, false)] {
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
    other_things(scene, &code).await?;
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

/// Each thing that is good once, in the places of all others: nothing is used up by that, and every one is good where it is
/// for (T058).
async fn other_things(scene: &Scene, code: &str) -> Result<()> {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let admin = scene.admin();
    let open = json!({ "deviceAuthorization": true, "registration": { "access": "ACCESS_INITIAL_ACCESS_TOKEN" } });
    let profile = json!({ "profile": "PROFILE_OIDC", "settings": open });
    let tenant = found_with(admin, &own_name("things"), profile).await?;
    let grants = ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "DEVICE_CODE"].map(|grant| format!("GRANT_TYPE_{grant}"));
    let party = confidential(admin, &tenant, &json!({ "grantTypes": grants })).await?;
    let parent = format!("tenants/{}", tenant.tenant);

    let mut browser = Browser::new()?;
    let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
    let first = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
    let refresh = party.redeem(&first, &attempt.verifier).await?.success()?;
    let refresh = text(&refresh, "refresh_token")?;
    let attempt = party.begin("openid", &[])?;
    let own = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
    let device = party.call("device_authorization_endpoint", &[("scope", "openid")]).await?.success()?;
    let pushed: Vec<_> = attempt.url.query_pairs().into_owned().filter(|(name, _)| name != "client_id").collect();
    let pushed: Vec<_> = pushed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = party.call("pushed_authorization_request_endpoint", &pushed).await?;
    ensure!(pushed.status == 201, "{pushed:?}");
    let reference = text(&pushed.body, "request_uri")?;
    let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
    let link = admin.call("UserService/CreatePasswordLink", json!({ "name": users["users"][0]["name"] })).await?;
    let link = text(&link, "uri")?;
    let mail = link.rsplit(['/', '=', '#']).next().context("no token in the link")?;
    let invited = json!({ "parent": parent, "initialAccessToken": { "displayName": "things" } });
    let invited = admin.call("InitialAccessTokenService/CreateInitialAccessToken", invited).await?;
    let invited = text(&invited, "secret")?;
    let secret = party.client.client_secret.clone().context("no secret")?;

    let (device_code, user_code) = (text(&device, "device_code")?, text(&device, "user_code")?);
    let urn = reference.rsplit(':').next().context("no handle")?;
    let things = [
        ("a code", own.as_str()),
        ("a refresh token", refresh),
        ("a device code", device_code),
        ("a user code", user_code),
        ("a reference", reference),
        ("the end of a reference", urn),
        ("a link for a password", mail),
        ("an initial access token", invited),
        ("a secret", &secret),
        ("a code of elsewhere", code),
    ];
    for (what, thing) in things {
        if what != "a code" {
            is(&party.redeem(thing, &attempt.verifier).await?, GRANT).with_context(|| format!("{what} as a code"))?;
        }
        if what != "a refresh token" {
            is(&party.refresh(thing).await?, GRANT).with_context(|| format!("{what} as a refresh token"))?;
        }
        if what != "a device code" {
            let reply = party.token(&[("grant_type", DEVICE), ("device_code", thing)]).await?;
            is(&reply, GRANT).with_context(|| format!("{what} as a device code"))?;
        }
        if what != "the end of a reference" {
            let reference = format!("urn:ietf:params:oauth:request_uri:{thing}");
            let mut url = attempt.url.clone();
            let own = [("client_id", party.client.client_id.as_str()), ("request_uri", &reference)];
            url.query_pairs_mut().clear().extend_pairs(own);
            page_of(url.as_str(), "invalid_request_uri").await.with_context(|| format!("{what} as a reference"))?;
        }
        if what != "a link for a password" {
            let page = Browser::new()?.open(&link.replace(mail, thing)).await?.page()?;
            ensure!(page.status >= 400 && !page.has("password-submit"), "{what} as a link: {}", page.html);
        }
        if what != "an initial access token" {
            let request = Http::new()?.post(party.endpoint("registration_endpoint")?)?.bearer_auth(thing);
            let reply = request.json(&json!({ "redirect_uris": ["https://thing.example/cb"] })).send().await?;
            // What has other characters than a token is a header of a wrong form.
            let expected = if thing.contains(':') { 400 } else { 401 };
            ensure!(reply.status() == expected, "{what} as an initial access token: {reply:?}");
        }
        if what != "a secret" {
            let mut impostor = party.clone();
            impostor.client.client_secret = Some(thing.to_owned());
            is(&impostor.refresh("chr_x").await?, (401, "invalid_client"))
                .with_context(|| format!("{what} as a secret"))?;
        }
    }
    party.redeem(&own, &attempt.verifier).await?.success().context("the code")?;
    party.refresh(refresh).await?.success().context("the refresh token")?;
    let pending = party.token(&[("grant_type", DEVICE), ("device_code", device_code)]).await?;
    ensure!(pending.refusal() == (400, "authorization_pending"), "{pending:?}");
    ensure!(Browser::new()?.open(link).await?.page()?.has("password-submit"), "the link");
    Ok(())
}

/// That a browser gets a page with this error.
async fn page_of(url: &str, error: &str) -> Result<()> {
    let page = Browser::new()?.open(url).await?.page()?;
    ensure!(page.status == 400 && page.error().as_deref() == Some(error), "{}", page.html);
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
        // It takes up to seconds until it is heard of; the code lies untouched meanwhile.
        if matches!(gone, "client" | "tenant") {
            let heard = async || Ok(party.token(&[("grant_type", "client_credentials")]).await?.status != 200);
            until(gone, heard).await?;
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
