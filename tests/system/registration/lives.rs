//! A registration from its beginning to its end.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{browser::Browser, party::Party};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Office, app, with};
use crate::{client_requests::published::Web, databases::Site};

/// It is made, read, used, changed and removed, and each answer is what the specifications say.
pub(super) async fn p045_a_registration_lives(site: &Site, office: &Office<'_>) -> Result<()> {
    ensure!(office.discovered().await?.as_deref() == Some(office.endpoint.as_str()), "in discovery");
    let reply = office.register(&with("client_name", json!("Sundial"))).await?;
    ensure!(reply.status == 201, "{}: {}", reply.status, reply.body);
    assert_eq!((reply.header("content-type"), reply.header("cache-control")), ("application/json", "no-store"));
    for (member, value) in [
        ("client_name", json!("Sundial")),
        ("redirect_uris", json!(["https://sundial.example/cb"])),
        ("application_type", json!("web")),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("client_secret_expires_at", json!(0)),
    ] {
        assert_eq!(reply.body[member], value, "{member}: {}", reply.body);
    }
    let made = super::Registered::read(reply.body)?;
    assert_eq!(made.place.as_str(), format!("{}/{}", office.endpoint, made.id));
    let name = format!("tenants/{}/clients/{}", office.tenant.tenant, made.id);
    let seen = site.admin.call("ClientService/GetClient", json!({ "name": name })).await?;
    assert_eq!((&seen["registeredBy"], &seen["displayName"]), (&json!("REGISTERED_BY_SELF"), &json!("Sundial")));

    let party = Party::discover(office.tenant, &made.client()).await?;
    let tokens = party.sign_in(&mut Browser::new()?, office.tenant.user()?, "openid email").await?;
    ensure!(tokens["id_token"].is_string() && tokens["access_token"].is_string(), "{tokens}");

    let read = office.ask(Method::GET, &made.place, Some(&made.token), None).await?.success()?;
    assert_eq!((&read["client_id"], &read["registration_access_token"]), (&json!(made.id), &json!(made.token)));
    ensure!(read.get("client_secret").is_none(), "a secret is told once: {read}");
    ensure!(read.get("client_secret_expires_at").is_none(), "and so is its end: {read}");

    let mut wanted = json!({ "client_id": made.id, "redirect_uris": ["https://sundial.example/other"] });
    wanted["client_secret"] = made.told["client_secret"].clone();
    let changed = office.ask(Method::PUT, &made.place, Some(&made.token), Some(&wanted)).await?.success()?;
    assert_eq!(changed["redirect_uris"], json!(["https://sundial.example/other"]));
    ensure!(changed["client_name"] != "Sundial", "what is left out takes its default: {changed}");
    let party = Party::discover(office.tenant, &made_at("https://sundial.example/other", &made)).await?;
    office
        .until("the other redirect URI", async || {
            Ok(party.sign_in(&mut Browser::new()?, office.tenant.user()?, "openid").await.is_ok())
        })
        .await?;

    let gone = office.ask(Method::DELETE, &made.place, Some(&made.token), None).await?;
    assert_eq!((gone.status, &gone.body), (204, &Value::Null));
    let again = office.ask(Method::GET, &made.place, Some(&made.token), None).await?;
    assert_eq!(again.refusal(), (401, "invalid_token"));
    office
        .until("gone", async || {
            let reply = party.token(&[("grant_type", "authorization_code"), ("code", "chc_x")]).await?;
            Ok(reply.refusal() == (401, "invalid_client"))
        })
        .await
}

fn made_at(redirect_uri: &str, made: &super::Registered) -> chancery_tests::dev::Client {
    chancery_tests::dev::Client { redirect_uris: vec![redirect_uri.to_owned()], ..made.client() }
}

/// Whatever a client may say comes back, and is what the server then goes by.
pub(super) async fn p007_every_member_comes_back(web: &Web, site: &Site, office: &Office<'_>) -> Result<()> {
    let url = format!("{}/.well-known/openid-configuration", office.tenant.issuer);
    let metadata = office.http.get(&url)?.send().await?.json::<Value>().await?;
    for (member, values) in [
        ("response_types_supported", ["code", "id_token", "id_token token"]),
        ("grant_types_supported", ["authorization_code", "implicit", "refresh_token"]),
    ] {
        let told = metadata[member].as_array().with_context(|| format!("no {member}"))?;
        ensure!(values.iter().all(|value| told.contains(&json!(value))), "{member}: {told:?}");
    }
    web.publish("/all.json", r#"["https://sundial.example/cb","https://sundial.example/2"]"#);
    let mut asked = json!({
        "application_type": "web",
        "client_name": "Sundial",
        "post_logout_redirect_uris": ["https://sundial.example/bye"],
        "token_endpoint_auth_method": "client_secret_post",
        "response_types": ["code", "id_token", "id_token token"],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "scope": "openid profile",
        "client_uri": "https://sundial.example/",
        "logo_uri": "https://sundial.example/logo.png",
        "policy_uri": "https://sundial.example/privacy",
        "tos_uri": "https://sundial.example/terms",
        "contacts": ["ops@sundial.example"],
        "software_id": "sundial",
        "software_version": "2.1",
        "initiate_login_uri": "https://sundial.example/login",
        "sector_identifier_uri": web.uri("/all.json"),
        "subject_type": "pairwise",
        "userinfo_signed_response_alg": "RS256",
        "id_token_signed_response_alg": "RS256",
        "default_max_age": 600,
        "require_auth_time": true,
        "backchannel_logout_uri": web.uri("/out"),
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://sundial.example/frame",
        "frontchannel_logout_session_required": true,
    });
    asked["redirect_uris"] = app()["redirect_uris"].clone();
    let made = office.registered(&asked).await?;
    for (member, value) in asked.as_object().context("an object")? {
        assert_eq!(made.told[member], *value, "{member}");
    }
    let read = office.ask(Method::GET, &made.place, Some(&made.token), None).await?.success()?;
    for (member, value) in asked.as_object().context("an object")? {
        assert_eq!(read[member], *value, "{member} is stored");
    }
    let name = format!("tenants/{}/clients/{}", office.tenant.tenant, made.id);
    let seen = site.admin.call("ClientService/GetClient", json!({ "name": name })).await?;
    assert_eq!(seen["backchannelLogoutUri"], asked["backchannel_logout_uri"], "operators see it: {seen}");
    Ok(())
}
