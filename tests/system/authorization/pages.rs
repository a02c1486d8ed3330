//! What the pages carry and show.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::{Browser, Landing},
    page::Page,
};

use serde_json::json;

use super::scene::{Scene, refused, see};
use crate::script;

pub(super) async fn edited(scene: &Scene) -> Result<()> {
    let user = scene.site.first.user()?;
    let attempt = scene.web.begin("openid", &[])?;
    let mut browser = Browser::new()?;
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    let mut form = page.form_of("login-submit")?;
    form.fill("username", &user.username)?;
    form.fill("password", &user.password)?;
    let flow = form.value("flow").context("no flow")?.to_owned();
    let swapped = |at: usize| {
        let mut spoilt = flow.clone().into_bytes();
        spoilt[at] = if spoilt[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8_lossy(&spoilt).into_owned()
    };
    let shortened = flow[..flow.len() - 4].to_owned();
    for spoilt in
        [swapped(0), swapped(flow.len() / 2), swapped(flow.len() - 6), shortened, String::new(), "e30".to_owned()]
    {
        let mut form = form.clone();
        form.fill("flow", &spoilt)?;
        ensure_over(browser.send(&form).await?)?;
    }
    // In another browser the same page is worth nothing, and whatever is written beside the seal is not read.
    ensure_over(Browser::new()?.send(&form).await?)?;
    form.fields.extend([
        ("response_type".to_owned(), "id_token token".to_owned()),
        ("redirect_uri".to_owned(), "https://evil.example/".to_owned()),
    ]);
    let away = browser.send(&form).await?.away()?;
    ensure!(away.as_str().starts_with("https://acme.example/web/callback?code="), "{away}");
    Ok(())
}

fn ensure_over(landing: Landing) -> Result<()> {
    let page = landing.page()?;
    ensure!(page.status == 400 && page.error().as_deref() == Some("invalid_request"), "{}", page.html);
    Ok(())
}

pub(super) async fn script_in_state(scene: &Scene) -> Result<()> {
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;";
    let attempt = scene.web.begin("openid", &[("response_mode", "form_post")])?;
    let good = attempt.with("state", evil);
    let mut bad = good.clone();
    bad.query_pairs_mut().append_pair("max_age", "x");
    for url in [good, bad] {
        let page = scene.signed_in(&scene.web)?.open(url.as_str()).await?.page()?;
        ensure!(page.status == 200, "{}", page.status);
        ensure!(!page.html.contains("<script>alert") && !page.html.contains("<img src=x"), "{}", page.html);
        let form = page.form_to(scene.web.redirect_uri()?)?;
        ensure!(form.value("state") == Some(evil), "{form:?}");
        strict(&page)?;
    }
    Ok(())
}

/// The same in a real browser, in answers of both kinds and on the pages before them.
pub(super) async fn in_a_browser(scene: &Scene) -> Result<()> {
    let evil =
        "\"><script>ran(1)</script><img src=x onerror=ran(2)><svg onload=ran(3)>'</form><iframe src=javascript:ran(4)>";
    for party in [&scene.web, &scene.hybrid] {
        let user = scene.tenant(party).user()?;
        let hint = Browser::new()?.open(party.begin("openid", &[("login_hint", evil)])?.url.as_str()).await?.page()?;
        ensure!(hint.form_of("login-submit")?.value("username") == Some(evil), "{}", hint.html);
        let shown = party.begin("openid", &[("login_hint", evil), ("ui_locales", evil), ("display", "page")])?;
        let error = shown.with("redirect_uri", evil);
        let good = party.begin("openid", &[("response_mode", "form_post")])?;
        let bad = party.begin("openid", &[("response_mode", "form_post"), ("max_age", evil)])?;
        let task = json!({
            "user": user, "redirect_uri": party.redirect_uri()?,
            "pages": [shown.with("state", evil).as_str(), error.as_str()],
            "posted": [good.with("state", evil).as_str(), bad.with("state", evil).as_str()],
        });
        let said = script::run("chromium_inert.mjs", &task, &mut Browser::new()?, user).await?;
        ensure!(said["ran"] == json!([]) && said["elsewhere"] == json!([]), "{said}");
        ensure!(said["bodies"][0]["state"] == evil && said["bodies"][0]["code"].is_string(), "{said}");
        ensure!(said["bodies"][1]["state"] == evil && said["bodies"][1]["error"] == "invalid_request", "{said}");
    }
    Ok(())
}

/// That a page lets nothing run, load or frame but what is its own.
fn strict(page: &Page) -> Result<()> {
    let header = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let policy = header("content-security-policy");
    ensure!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    ensure!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
    ensure!(header("referrer-policy") == "no-referrer", "{:?}", page.headers);
    ensure!(header("x-content-type-options") == "nosniff" && header("x-frame-options") == "DENY", "{:?}", page.headers);
    ensure!(header("cache-control") == "no-store", "{:?}", page.headers);
    Ok(())
}

pub(super) async fn no_leaks(scene: &Scene) -> Result<()> {
    let attempt = scene.web.begin("openid", &[("prompt", "login consent")])?;
    let user = scene.site.first.user()?;
    let mut browser = Browser::new()?;
    let sign_in = browser.open(attempt.url.as_str()).await?.page()?;
    let consent = browser.log_in(&sign_in, &user.username, &user.password).await?.page()?;
    let error = browser.open(attempt.with("client_id", "nobody").as_str()).await?.page()?;
    for page in [&sign_in, &consent, &error] {
        strict(page)?;
        for rest in page.html.match_indices("src=\"").map(|(at, _)| &page.html[at + 5..]) {
            ensure!(rest.starts_with('/') && !rest.starts_with("//"), "a resource of others: {rest:.80}");
        }
        ensure!(!page.html.contains("<script"), "{}", page.html);
    }
    let sent_on = see(&attempt.with("scope", "unheard:of")).await?;
    ensure!(sent_on.header("referrer-policy") == "no-referrer", "{:?}", sent_on.headers);
    Ok(())
}

pub(super) async fn login_hint(scene: &Scene) -> Result<()> {
    let evil = "\"><script>alert(1)</script>";
    let attempt = scene.web.begin("openid", &[("login_hint", evil)])?;
    let page = Browser::new()?.open(attempt.url.as_str()).await?.page()?;
    ensure!(!page.html.contains("<script"), "{}", page.html);
    ensure!(page.form_of("login-submit")?.value("username") == Some(evil), "{}", page.html);
    let attempt = scene.web.begin("openid", &[("login_hint", &"x".repeat(1025))])?;
    refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    let attempt = scene.web.begin("openid", &[("login_hint", "ann@acme.example")])?;
    let page = Browser::new()?.open(attempt.url.as_str()).await?.page()?;
    ensure!(page.form_of("login-submit")?.value("username") == Some("ann@acme.example"));
    Ok(())
}
