//! What people see of a client that registered itself.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{browser::Browser, page::Page, party::Party};
use serde_json::json;

use super::{METADATA, Office, app, with};
use crate::{client_requests::published::Web, databases::Site};

pub(super) async fn p047_t156_t243_the_pages_show_a_stranger(
    web: &Web,
    site: &Site,
    office: &Office<'_>,
) -> Result<()> {
    let long = "x".repeat(10_240);
    for bad in ["Good\u{202e}knaB", "a\u{200b}b", "a\u{2066}b", "a\nb", &long] {
        office.refuses(&with("client_name", json!(bad)), METADATA, "client_name").await?;
    }
    let mut metadata = app();
    metadata["client_name"] = json!("  Ｓｕｎｄｉａｌ \u{a0} <b>Ltd</b> ");
    let links = [("logo_uri", "/logo.png"), ("policy_uri", "/privacy"), ("tos_uri", "/terms"), ("client_uri", "/home")];
    for (member, path) in links {
        metadata[member] = json!(web.uri(path));
    }
    let made = office.registered(&metadata).await?;
    assert_eq!(made.told["client_name"], "Sundial <b>Ltd</b>");

    let party = Party::discover(office.tenant, &made.client()).await?;
    let attempt = party.begin("openid", &[])?;
    let (mut browser, user) = (Browser::new()?, office.tenant.user()?);
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    ensure!(page.has("login-submit"), "{}", page.html);
    shows(&page, web).context("the sign-in page")?;
    let page = browser.log_in(&page, &user.username, &user.password).await?.page()?;
    ensure!(page.has("consent-allow"), "people are asked: {}", page.html);
    shows(&page, web).context("the consent page")?;
    for (_, path) in links {
        assert_eq!(web.asked(path), 0, "{path} is never fetched by the server");
    }

    let known = Party::discover(&site.first, site.first.public_client()?).await?;
    let page = Browser::new()?.open(known.begin("openid", &[])?.url.as_str()).await?.page()?;
    ensure!(!page.has("client-unverified"), "an operator vouches for that one: {}", page.html);
    Ok(())
}

/// A request that is wrong on purpose gets no redirect of ours: a page names the host, and the person decides.
pub(super) async fn t022_no_redirect_for_a_stranger_that_asks_for_too_much(office: &Office<'_>) -> Result<()> {
    let made = office.registered(&app()).await?;
    let party = Party::discover(office.tenant, &made.client()).await?;
    let redirect_uri = party.redirect_uri()?;
    for (name, value, error) in [
        ("scope", "openid unheard:of", "invalid_scope"),
        ("scope", "openid chancery.admin", "invalid_scope"),
        ("resource", "https://unheard-of.example/", "invalid_target"),
        ("max_age", "x", "invalid_request"),
    ] {
        for mode in ["query", "form_post"] {
            let attempt = party.begin("openid", &[("response_mode", mode)])?;
            // Whether anybody is signed in makes no difference.
            let mut browser = Browser::new()?;
            for _ in 0..2 {
                let page = browser.open(attempt.with(name, value).as_str()).await?.page()?;
                ensure!(page.status == 400 && page.headers.get("location").is_none(), "{}: {}", page.status, page.html);
                ensure!(page.has("client-unverified"), "{}", page.html);
                ensure!(page.html.contains("sundial.example"), "its host: {}", page.html);
                ensure!(!page.html.contains("<script") && !page.html.contains("http-equiv"), "{}", page.html);
                if mode == "form_post" {
                    let form = page.form_to(redirect_uri)?;
                    ensure!(form.value("error") == Some(error) && form.value("state") == Some(&attempt.state));
                } else {
                    ensure!(page.html.contains(&format!("href=\"{redirect_uri}?error={error}")), "{}", page.html);
                }
                let user = office.tenant.user()?;
                party.sign_in(&mut browser, user, "openid").await?;
            }
        }
    }
    Ok(())
}

/// That the page names the client for what it is, and loads nothing but its picture.
fn shows(page: &Page, web: &Web) -> Result<()> {
    for id in ["client-logo", "client-policy", "client-tos", "client-unverified"] {
        ensure!(page.has(id), "{id}: {}", page.html);
    }
    ensure!(page.html.contains("Nobody has verified this application."), "{}", page.html);
    ensure!(page.html.contains("<strong>sundial.example</strong>"), "its host: {}", page.html);
    ensure!(page.html.contains("Sundial &") && !page.html.contains("<b>Ltd"), "its name as text: {}", page.html);
    for path in ["/logo.png", "/privacy", "/terms"] {
        ensure!(page.html.contains(&web.uri(path)), "{path}: {}", page.html);
    }
    let policy = page.headers.get("content-security-policy").and_then(|it| it.to_str().ok()).unwrap_or_default();
    ensure!(policy.contains(&format!("img-src 'self' {};", web.uri(""))), "{policy}");
    ensure!(!policy.contains("script-src"), "{policy}");
    Ok(())
}
