//! What a request to sign out proves, and where it leads (OpenID Connect RP-Initiated Logout).

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    browser::{Browser, Landing},
    dev::Tenant,
    party::{Party, claims},
};
use serde_json::json;

use super::{client, id_token, sign_out, silently};
use crate::databases::{Database, Site};

#[tokio::test]
async fn p050_t215_t216_t217_on_sqlite() -> Result<()> {
    all(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn p050_t215_t216_t217_on_postgres() -> Result<()> {
    all(&Database::Postgres.site().await?).await
}

async fn all(site: &Site) -> Result<()> {
    for tenant in [&site.first, &site.second] {
        p050_a_hint_and_a_registered_place_bring_the_browser_back(site, tenant).await.context("p050")?;
        t216_without_a_hint_the_person_is_asked(tenant).await.context("t216")?;
    }
    t215_an_unregistered_place_is_never_gone_to(&site.second).await.context("t215")?;
    t217_a_hint_that_proves_nothing_counts_for_none(site).await.context("t217")?;
    e04_two_applications_sign_out_in_turn(site).await.context("e04")?;
    e05_a_policy_says_who_stays_signed_in(site).await.context("e05")
}

async fn p050_a_hint_and_a_registered_place_bring_the_browser_back(site: &Site, tenant: &Tenant) -> Result<()> {
    let place = client(site, tenant, "with-query", "https://query.example", &json!({})).await?;
    let party = Party::discover(tenant, &place).await?;
    let mut browser = Browser::new()?;
    let hint = id_token(&party, &mut browser, tenant).await?;
    let target = place.post_logout_redirect_uris[0].as_str();
    let state = "s".repeat(200) + " é&=";
    let parameters = [
        ("id_token_hint", hint.as_str()),
        ("client_id", "with-query"),
        ("post_logout_redirect_uri", target),
        ("state", state.as_str()),
        ("logout_hint", "ann"),
        ("ui_locales", "fr de"),
    ];
    let away = sign_out(&party, &mut browser, &parameters).await?.away()?;
    let came: Vec<_> = away.query_pairs().into_owned().collect();
    assert_eq!(came, [("from".to_owned(), "id".to_owned()), ("state".to_owned(), state.clone())], "{away}");
    assert_eq!(silently(&party, &mut browser, tenant).await?, "login_required");
    // Again, with nobody signed in: it is idempotent, and an application's link still leads back.
    let again = sign_out(&party, &mut browser, &parameters[..3]).await?.away()?;
    assert_eq!(again.as_str(), target);
    Ok(())
}

async fn t215_an_unregistered_place_is_never_gone_to(tenant: &Tenant) -> Result<()> {
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let registered = party.client.post_logout_redirect_uris[0].clone();
    let mut browser = Browser::new()?;
    let hint = id_token(&party, &mut browser, tenant).await?;
    for place in [
        "https://evil.example/".to_owned(),
        format!("{registered}?more=1"),
        format!("{registered}/../x"),
        format!("{registered}%2f..%2fx"),
        format!("{registered}#x"),
        registered.to_uppercase(),
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
        "//evil.example".to_owned(),
    ] {
        let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", &place)];
        let page = sign_out(&party, &mut browser, &parameters).await?.page().with_context(|| place.clone())?;
        assert_eq!((page.status, page.error().is_some()), (400, true), "{place}: {}", page.html);
    }
    assert_eq!(silently(&party, &mut browser, tenant).await?, "", "and nobody was signed out");
    Ok(())
}

async fn t216_without_a_hint_the_person_is_asked(tenant: &Tenant) -> Result<()> {
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let registered = party.client.post_logout_redirect_uris[0].clone();
    let mut browser = Browser::new()?;
    id_token(&party, &mut browser, tenant).await?;
    let client_id = party.client.client_id.as_str();
    for parameters in [
        vec![],
        vec![("state", "s")],
        vec![("client_id", client_id), ("logout_hint", "ann")],
        vec![("client_id", client_id), ("post_logout_redirect_uri", &registered)],
    ] {
        let page = sign_out(&party, &mut browser, &parameters).await?.page()?;
        assert!(page.has("logout-confirm"), "{parameters:?}: {}", page.html);
    }
    assert_eq!(silently(&party, &mut browser, tenant).await?, "", "nobody was signed out by a link");
    let page = sign_out(&party, &mut browser, &[]).await?.page()?;
    let page = browser.press(&page, "logout-confirm").await?.page()?;
    assert!(page.has("logged-out"), "{}", page.html);
    assert_eq!(silently(&party, &mut browser, tenant).await?, "login_required");
    let page = sign_out(&party, &mut browser, &[]).await?.page()?;
    assert!(page.has("logged-out"), "nobody is there to be asked: {}", page.html);
    Ok(())
}

async fn t217_a_hint_that_proves_nothing_counts_for_none(site: &Site) -> Result<()> {
    let tenant = &site.second;
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let registered = party.client.post_logout_redirect_uris[0].clone();
    let mut browser = Browser::new()?;
    let hint = id_token(&party, &mut browser, tenant).await?;
    let mut said = claims(&hint)?;
    said["iss"] = tenant.issuer.as_str().into();
    let encoded = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let unsigned = format!("{}.{}.", encoded(&json!({ "alg": "none", "typ": "JWT" })), encoded(&said));
    let pieces: Vec<_> = hint.split('.').collect();
    said["sub"] = "00000000-0000-0000-0000-000000000000".into();
    let altered = format!("{}.{}.{}", pieces[0], encoded(&said), pieces[2]);
    let elsewhere = Party::discover(&site.first, site.first.public_client()?).await?;
    let foreign = id_token(&elsewhere, &mut Browser::new()?, &site.first).await?;
    for bad in [unsigned.as_str(), &altered, &foreign, "x", ""] {
        let parameters = [("id_token_hint", bad), ("post_logout_redirect_uri", registered.as_str())];
        let page = sign_out(&party, &mut browser, &parameters).await?.page().with_context(|| bad.to_owned())?;
        assert!(page.has("logout-confirm"), "{bad}: {}", page.html);
        let page = browser.press(&page, "logout-confirm").await?;
        let Landing::Page(page) = page else { anyhow::bail!("{bad} led away") };
        assert!(page.has("logged-out"), "{bad}: {}", page.html);
        id_token(&party, &mut browser, tenant).await?;
    }
    Ok(())
}

async fn e04_two_applications_sign_out_in_turn(site: &Site) -> Result<()> {
    let tenant = &site.first;
    let mut browser = Browser::new()?;
    let mut signed_in = Vec::new();
    for id in ["one", "two"] {
        let client = client(site, tenant, id, &format!("https://{id}.example"), &json!({})).await?;
        let party = Party::discover(tenant, &client).await?;
        let hint = id_token(&party, &mut browser, tenant).await?;
        signed_in.push((party, hint));
    }
    for (party, hint) in &signed_in {
        let place = party.client.post_logout_redirect_uris[0].as_str();
        let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", place), ("state", "x")];
        let away = sign_out(party, &mut browser, &parameters).await?.away()?;
        assert_eq!(away.as_str(), format!("{place}&state=x"));
        assert_eq!(silently(party, &mut browser, tenant).await?, "login_required");
    }
    Ok(())
}

async fn e05_a_policy_says_who_stays_signed_in(site: &Site) -> Result<()> {
    let tenant = &site.first;
    let alone = json!({ "logoutScope": "LOGOUT_SCOPE_CLIENT" });
    let leaves = client(site, tenant, "leaves", "https://leaves.example", &alone).await?;
    let stays = client(site, tenant, "stays", "https://stays.example", &json!({})).await?;
    let (leaves, stays) = (Party::discover(tenant, &leaves).await?, Party::discover(tenant, &stays).await?);
    let mut browser = Browser::new()?;
    let tokens = leaves.sign_in(&mut browser, tenant.user()?, "openid").await?;
    let [hint, access] = ["id_token", "access_token"].map(|name| tokens[name].as_str().unwrap_or_default());
    let others = stays.sign_in(&mut browser, tenant.user()?, "openid").await?;
    let others = others["access_token"].as_str().context("no access token")?;
    let place = leaves.client.post_logout_redirect_uris[0].as_str();
    let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", place)];
    assert_eq!(sign_out(&leaves, &mut browser, &parameters).await?.away()?.as_str(), place);
    assert_eq!(leaves.userinfo(access).await?.status, 401, "what it was given is over");
    assert_eq!(stays.userinfo(others).await?.status, 200, "what the other was given is not");
    assert_eq!(silently(&stays, &mut browser, tenant).await?, "");
    Ok(())
}
