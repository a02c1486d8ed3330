//! What is told of a token (RFC 7662).

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::{Http, Reply},
    installation::found_with,
    party::{Party, claims},
    program::Program,
};
use serde_json::{Value, json};

use super::{CLIENT, is};
use crate::{
    authorization::scene::{Scene, text},
    making::until,
};

fn inactive() -> Value {
    json!({ "active": false })
}

pub(super) async fn unproven(scene: &Scene) -> Result<()> {
    for beside in [&scene.web, &scene.hybrid] {
        let party = scene.confidential(beside, &json!({})).await?;
        let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let token = text(&tokens, "access_token")?;
        let url = party.endpoint("introspection_endpoint")?;
        let (id, form) = (party.client.client_id.as_str(), [("token", token)]);
        let named = [("token", token), ("client_id", id)];
        let posted = [("token", token), ("client_id", id), ("client_secret", "wrong")];
        for (what, request) in [
            ("nothing", Http::new()?.post(url)?.form(&form)),
            ("the name alone", Http::new()?.post(url)?.form(&named)),
            ("a wrong secret", Http::new()?.post(url)?.basic_auth(id, Some("wrong")).form(&form)),
            ("a wrong secret in the form", Http::new()?.post(url)?.form(&posted)),
            ("nobody's secret", Http::new()?.post(url)?.basic_auth("unheard-of", Some("wrong")).form(&form)),
            ("the token itself", Http::new()?.post(url)?.bearer_auth(token).form(&form)),
            (
                "a public client",
                Http::new()?.post(url)?.form(&[("token", token), ("client_id", &scene.web.client.client_id)]),
            ),
        ] {
            let reply = Reply::read(request.send().await?).await?;
            is(&reply, CLIENT).with_context(|| what.to_owned())?;
            ensure!(reply.body.get("active").is_none(), "{what}: {reply:?}");
        }
        ensure!(party.introspect(token).await?["active"] == true);
    }
    Ok(())
}

pub(super) async fn for_others(scene: &Scene) -> Result<()> {
    for beside in [&scene.backend, &scene.hybrid] {
        let attempt = beside.begin("openid offline_access", &[])?;
        let code = scene.code(beside, &attempt).await?;
        let tokens = beside.redeem(&code, &attempt.verifier).await?.success()?;
        let other = scene.confidential(beside, &json!({})).await?;
        for kind in ["access_token", "refresh_token", "id_token"] {
            let token = text(&tokens, kind)?;
            let reply = other.call("introspection_endpoint", &[("token", token)]).await?;
            ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
            ensure!(reply.success()? == inactive(), "{kind}");
            let own = beside.introspect(token).await?;
            ensure!(own["active"] == (kind != "id_token"), "{kind}: {own}");
        }
        for none in ["", "x", "a.b.c", "chr_x", "\u{fc}", &"x".repeat(20_000)] {
            let reply = other.call("introspection_endpoint", &[("token", none)]).await?;
            ensure!(reply.status == if none.is_empty() { 400 } else { 200 }, "{none:.20}: {reply:?}");
            ensure!(none.is_empty() || reply.body == inactive(), "{none:.20}: {reply:?}");
        }
    }
    Ok(())
}

pub(super) async fn wrong_hint(scene: &Scene) -> Result<()> {
    for party in [&scene.backend, &scene.hybrid] {
        let attempt = party.begin("openid offline_access", &[])?;
        let code = scene.code(party, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        for kind in ["access_token", "refresh_token"] {
            for hint in ["access_token", "refresh_token", "id_token", "unheard_of", ""] {
                let form = [("token", text(&tokens, kind)?), ("token_type_hint", hint)];
                let told = party.call("introspection_endpoint", &form).await?.success()?;
                ensure!(told["active"] == true, "{kind} as {hint}: {told}");
            }
        }
        let form = [("token", text(&tokens, "access_token")?), ("token_type_hint", "refresh_token")];
        ensure!(party.call("revocation_endpoint", &form).await?.status == 200);
        ensure!(party.introspect(text(&tokens, "access_token")?).await? == inactive());
    }
    Ok(())
}

/// Who did not register to have answers signed is refused, and told nothing unsigned either (RFC 9701).
pub(super) async fn signed_for_nobody(scene: &Scene) -> Result<()> {
    for beside in [&scene.web, &scene.hybrid] {
        let party = scene.confidential(beside, &json!({})).await?;
        let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let token = text(&tokens, "access_token")?;
        let (id, secret) = (&party.client.client_id, party.client.client_secret.as_ref());
        for accept in [
            "application/token-introspection+jwt",
            "application/token-introspection+jwt, application/json;q=0.5",
            "APPLICATION/Token-Introspection+JWT;q=1",
        ] {
            let request = Http::new()?.post(party.endpoint("introspection_endpoint")?)?.basic_auth(id, secret);
            let request = request.header("accept", accept).form(&[("token", token)]);
            let reply = Reply::read(request.send().await?).await?;
            is(&reply, (400, "unauthorized_client")).with_context(|| accept.to_owned())?;
            ensure!(reply.body.get("active").is_none(), "{reply:?}");
        }
        ensure!(party.introspect(token).await?["active"] == true);
    }
    Ok(())
}

/// The party by way of each process.
async fn everywhere(scene: &Scene, party: &Party) -> Result<(Vec<Program>, Vec<Party>)> {
    let installation = &scene.site.installation;
    let (mut programs, mut parties) = (Vec::new(), vec![party.clone()]);
    if installation.database_url().starts_with("postgres") {
        let replica = installation.replica(&format!("cut-{}", &chancery_tests::party::random_text()[..8]))?;
        programs.push(installation.serve(&replica).await?);
        parties.push(party.by_way_of(installation.way_to(&replica)?));
    }
    Ok((programs, parties))
}

/// What ends tokens, as an operator does it, and how it is undone. It counts from the first call after it, everywhere.
const ENDS: &[(&str, &str, &str)] = &[
    ("the user is disabled", "UserService/DisableUser", "UserService/EnableUser"),
    ("the grants are revoked", "GrantService/RevokeGrants", ""),
    ("the sessions are revoked", "SessionService/RevokeSessions", ""),
    ("the client is disabled", "ClientService/DisableClient", "ClientService/EnableClient"),
    ("the tenant is suspended", "TenantService/SuspendTenant", "TenantService/ResumeTenant"),
];

pub(super) async fn cut_off(scene: &Scene) -> Result<()> {
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let slug = format!("cut-{}", profile[8..].to_lowercase());
        let of = json!({ "profile": profile, "settings": { "accessTokenTtl": "60s" } });
        let tenant = found_with(scene.admin(), &slug, of).await?;
        let parent = format!("tenants/{slug}");
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        let (_programs, parties) = everywhere(scene, &party).await?;
        let users = scene.admin().call("UserService/ListUsers", json!({ "parent": parent })).await?;
        let user = users["users"][0]["name"].clone();
        let client = format!("{parent}/clients/{}", party.client.client_id);
        for (what, end, undo) in ENDS {
            let of_user = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid").await?;
            let of_client = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
            let (token, own) = (text(&of_user, "access_token")?, text(&of_client, "access_token")?);
            for party in &parties {
                for token in [token, own] {
                    ensure!(party.introspect(token).await?["active"] == true, "before {what}");
                }
            }
            let service = end.split('/').next();
            let whom = match service {
                Some("UserService") => json!({ "name": user }),
                Some("GrantService" | "SessionService") => json!({ "parent": parent, "user": user }),
                Some("ClientService") => json!({ "name": client }),
                _ => json!({ "name": parent }),
            };
            let ends_all = matches!(service, Some("ClientService" | "TenantService"));
            scene.admin().call(end, whom.clone()).await.with_context(|| (*what).to_owned())?;
            for party in &parties {
                for token in [Some(token), ends_all.then_some(own)].into_iter().flatten() {
                    let reply = party.call("introspection_endpoint", &[("token", token)]).await?;
                    // A client that is disabled is told nothing any more.
                    let unheard = *end == "ClientService/DisableClient" && reply.refusal() == CLIENT;
                    ensure!(reply.body == inactive() || unheard, "{what}: {reply:?}");
                }
                let about = party.userinfo(token).await?;
                ensure!(about.status == 401 || about.status == 403, "{what}: {about:?}");
            }
            if !undo.is_empty() {
                scene.admin().call(undo, whom).await?;
                let heard = async |party: &Party| {
                    Ok(party.call("introspection_endpoint", &[("token", "x")]).await?.status == 200)
                };
                for party in &parties {
                    until(undo, async || heard(party).await).await?;
                }
            }
        }
        is_over_when_it_says(&party, &tenant.user()?.clone()).await?;
    }
    let brief = json!({ "profile": "PROFILE_OIDC", "settings": { "accessTokenTtl": "1s" } });
    let tenant = found_with(scene.admin(), "cut-brief", brief).await?;
    let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
    let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    ensure!(party.introspect(text(&tokens, "access_token")?).await? == inactive(), "expired");
    Ok(())
}

/// A token that was given back is over at once, and tells its end before.
async fn is_over_when_it_says(party: &Party, user: &chancery_tests::dev::User) -> Result<()> {
    let tokens = party.sign_in(&mut Browser::new()?, user, "openid").await?;
    let token = text(&tokens, "access_token")?;
    let told = party.introspect(token).await?;
    ensure!(told["exp"] == claims(token)?["exp"] && told["sub"].is_string(), "{told}");
    ensure!(party.revoke(token).await?.status == 200);
    ensure!(party.introspect(token).await? == inactive());
    Ok(())
}
