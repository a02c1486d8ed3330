//! What callers of the front get wrong.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::{Browser, Landing},
    dev::{Client, Dev, Tenant},
    http::{Http, Reply},
    party::Party,
};
use serde_json::json;

use crate::making::until;

/// Names and values.
type Form = &'static [(&'static str, &'static str)];

#[tokio::test]
async fn an_unknown_tenant_is_not_found_anywhere() -> Result<()> {
    let dev = Dev::start().await?;
    let http = Http::new()?;
    let paths = ["/t/nobody/", "/t/nobody/.well-known/openid-configuration", "/t/nobody/oauth2/jwks", "/t/NOBODY/"];
    for path in paths.iter().chain(&["/.well-known/oauth-authorization-server/t/nobody", "/t/nobody/oauth2/authorize"])
    {
        let response = http.get(&format!("{}{path}", dev.announced.public_url))?.send().await?;
        assert_eq!(response.status().as_u16(), 404, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
    let reply = http.post(&format!("{}/t/nobody/oauth2/token", dev.announced.public_url))?.form(&[("a", "b")]);
    assert_eq!(Reply::read(reply.send().await?).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn malformed_token_requests_are_told_what_is_wrong() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let cases: &[(Form, (u16, &str))] = &[
            (&[], (400, "invalid_request")),
            (&[("grant_type", "")], (400, "invalid_request")),
            (&[("grant_type", "password")], (400, "unsupported_grant_type")),
            (&[("grant_type", "authorization_code")], (400, "invalid_request")),
            (&[("grant_type", "refresh_token")], (400, "invalid_request")),
            (&[("grant_type", "refresh_token"), ("refresh_token", "nonsense")], (400, "invalid_grant")),
            (&[("grant_type", "client_credentials"), ("grant_type", "client_credentials")], (400, "invalid_request")),
            (&[("grant_type", "client_credentials"), ("scope", "unheard:of")], (400, "invalid_scope")),
        ];
        for (form, expected) in cases {
            let reply = party.token(form).await?;
            assert_eq!(reply.refusal(), *expected, "{form:?}");
            assert_eq!(reply.header("cache-control"), "no-store", "{form:?}");
        }
        let http = Http::new()?;
        let url = party.endpoint("token_endpoint")?;
        let not_a_form = http.post(url)?.json(&json!({ "grant_type": "client_credentials" })).send().await?;
        assert_eq!(not_a_form.status().as_u16(), 415);
        let by_get = http.get(url)?.send().await?;
        assert_eq!(by_get.status().as_u16(), 405);
        assert!(by_get.headers()["allow"].to_str()?.contains("POST"), "{:?}", by_get.headers());
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_is_refused_by_either_method() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = &dev.announced.tenants[0];
    let right = tenant.confidential_client()?;
    let mut answers = Vec::new();
    for client_id in [right.client_id.as_str(), "unheard-of"] {
        let wrong =
            Client { client_id: client_id.to_owned(), client_secret: Some("wrong".to_owned()), ..right.clone() };
        let reply = Party::discover(tenant, &wrong).await?.token(&[("grant_type", "client_credentials")]).await?;
        assert_eq!(reply.refusal(), (401, "invalid_client"));
        assert!(reply.header("www-authenticate").starts_with("Basic"), "{:?}", reply.headers);
        answers.push(reply.body);
    }
    assert_eq!(answers[0], answers[1], "an unknown client and a wrong secret look different");
    Ok(())
}

#[tokio::test]
async fn an_unregistered_redirect_uri_gets_a_page_and_never_a_redirect() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        let registered = party.redirect_uri()?.to_owned();
        let spoilt = [
            "https://evil.example/callback".to_owned(),
            format!("{registered}/more"),
            format!("{registered}?more=1"),
            format!("{registered}#more"),
            registered.replacen("://", "://user@", 1),
            registered.to_uppercase(),
            String::new(),
        ];
        for redirect_uri in spoilt {
            let url = party.begin("openid", &[])?.with("redirect_uri", &redirect_uri);
            let page = Browser::new()?.open(url.as_str()).await?.page().context(redirect_uri)?;
            assert_eq!(page.status, 400);
            assert_eq!(page.error().as_deref(), Some("invalid_request"));
        }
        let url = party.begin("openid", &[])?.with("client_id", "unheard-of");
        let page = Browser::new()?.open(url.as_str()).await?.page()?;
        assert_eq!(page.status, 400);
    }
    Ok(())
}

#[tokio::test]
async fn errors_that_belong_to_the_application_go_to_it() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        let cases = [
            ("response_type", "token", "unsupported_response_type"),
            ("scope", "openid unheard:of", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge", "", "invalid_request"),
            ("prompt", "none login", "invalid_request"),
            ("prompt", "none", "login_required"),
            ("max_age", "-1", "invalid_request"),
        ];
        for (parameter, value, error) in cases {
            let attempt = party.begin("openid", &[])?;
            let landing = Browser::new()?.open(attempt.with(parameter, value).as_str()).await?;
            let Landing::Away(url) = landing else { anyhow::bail!("{parameter}={value}: {landing:?}") };
            let answer = chancery_tests::browser::answer_in(&url, party.redirect_uri()?)?;
            assert_eq!(answer.get("error").map(String::as_str), Some(error), "{parameter}={value}");
            assert_eq!(answer.get("state"), Some(&attempt.state));
            assert_eq!(answer.get("iss"), Some(&tenant.issuer));
            assert!(!answer.contains_key("code"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_verifier_does_not_redeem() -> Result<()> {
    let dev = Dev::start().await?;
    for tenant in &dev.announced.tenants {
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        let attempt = party.begin("openid", &[])?;
        let code = party.obtain_code(&mut Browser::new()?, tenant.user()?, &attempt).await?;
        let other = chancery_tests::party::random_text();
        assert_eq!(party.redeem(&code, &other).await?.refusal(), (400, "invalid_grant"));
        party.redeem(&code, &attempt.verifier).await?.success().context("the right verifier afterwards")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_code_has_its_time() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    for tenant in &dev.announced.tenants {
        shorten_codes(&admin, tenant).await?;
        let party = Party::discover(tenant, tenant.public_client()?).await?;
        // The tenant's other figure is known within seconds.
        until("codes live for a second", async || {
            let attempt = party.begin("openid", &[])?;
            let code = party.obtain_code(&mut Browser::new()?, tenant.user()?, &attempt).await?;
            tokio::time::sleep(Duration::from_millis(1300)).await;
            Ok(party.redeem(&code, &attempt.verifier).await?.refusal() == (400, "invalid_grant"))
        })
        .await?;
    }
    Ok(())
}

async fn shorten_codes(admin: &chancery_tests::admin::Admin, tenant: &Tenant) -> Result<()> {
    let settings = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": { "codeTtl": "1s" } });
    admin.call("TenantService/UpdateTenant", json!({ "tenant": settings, "updateMask": "settings.codeTtl" })).await?;
    Ok(())
}
