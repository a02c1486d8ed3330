//! What stands in a request.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::{Landing, answer_in},
    http::Http,
    party::{Attempt, Party},
};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::scene::{Scene, page, refused, see, see_by, told};
use crate::making::until;

/// The URL of a request, with one parameter more.
fn and(attempt: &Attempt, name: &str, value: &str) -> Url {
    let mut url = attempt.url.clone();
    url.query_pairs_mut().append_pair(name, value);
    url
}

pub(super) async fn repeated(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[("prompt", "login")])?;
    for (name, value) in [("client_id", party.client.client_id.as_str()), ("redirect_uri", party.redirect_uri()?)] {
        page(&and(&attempt, name, value)).await?;
    }
    for name in ["response_type", "scope", "nonce", "prompt", "code_challenge", "code_challenge_method"] {
        refused(party, &attempt, &and(&attempt, name, "x"), "invalid_request").await?;
    }
    // What is sent twice as the state cannot be told.
    let seen = see(&and(&attempt, "state", "x")).await?;
    let answer = answer_in(&Url::parse(seen.header("location"))?, party.redirect_uri()?)?;
    ensure!(answer["error"] == "invalid_request" && !answer.contains_key("state"), "{answer:?}");

    // Query and body are one.
    let landing = post(party, &attempt.url, &[("scope", "openid")]).await?;
    told(party, &attempt, &answer_in(&landing, party.redirect_uri()?)?, "invalid_request")?;
    // And so is a body.
    let (mut endpoint, form) = (attempt.url.clone(), attempt.url.query_pairs().into_owned().collect::<Vec<_>>());
    endpoint.set_query(None);
    let mut form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form.push(("scope", "openid"));
    let landing = post(party, &endpoint, &form).await?;
    told(party, &attempt, &answer_in(&landing, party.redirect_uri()?)?, "invalid_request")?;
    form.push(("client_id", party.client.client_id.as_str()));
    let seen = Http::new()?.request(Method::POST, &endpoint).form(&form).send().await?;
    ensure!(seen.status() == 400 && seen.headers().get("location").is_none(), "{seen:?}");
    Ok(())
}

/// Where a form sends the browser.
async fn post(party: &Party, url: &Url, form: &[(&str, &str)]) -> Result<Url> {
    let response = Http::new()?.request(Method::POST, url).form(form).send().await?;
    let status = response.status();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok());
    Ok(Url::parse(location.with_context(|| format!("{status} for {}", party.client.client_id))?)?)
}

pub(super) async fn unknown_client(scene: &Scene) -> Result<()> {
    let attempt = scene.web.begin("openid", &[])?;
    let disabled = scene.client("KIND_WEB", &["https://disabled.example/cb"]).await?;
    let name = format!("tenants/acme/clients/{}", disabled.client.client_id);
    scene.admin().call("ClientService/DisableClient", json!({ "name": name })).await?;
    let mut bodies = Vec::new();
    for client in [
        "unheard-of",
        "no body",
        "%00",
        "",
        &scene.hybrid.client.client_id,
        "../web",
        &"x".repeat(5000),
        &disabled.client.client_id,
    ] {
        // A client is known for as long as it takes to hear of the change.
        let mut body = page(&attempt.with("client_id", client)).await;
        if client == disabled.client.client_id {
            let own = disabled.begin("openid", &[])?;
            until("the client is disabled", async || Ok(page(&own.url).await.is_ok())).await?;
            body = page(&own.url).await;
        }
        let body = body?;
        if !client.is_empty() {
            bodies.push(body);
        }
    }
    bodies.dedup();
    ensure!(bodies.len() == 1, "{bodies:#?}");
    Ok(())
}

pub(super) async fn silent_and_bad(scene: &Scene) -> Result<()> {
    let attempt = scene.web.begin("openid", &[("prompt", "none")])?;
    page(&attempt.with("client_id", "unheard-of")).await?;
    page(&attempt.with("redirect_uri", "https://evil.example/")).await?;
    Ok(())
}

pub(super) async fn none_and_login(scene: &Scene) -> Result<()> {
    for prompt in ["none login", "login none", "none none consent", "none create", "nothing", "NONE"] {
        let attempt = scene.web.begin("openid", &[("prompt", prompt)])?;
        refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    }
    Ok(())
}

pub(super) async fn max_age(scene: &Scene) -> Result<()> {
    for max_age in ["-1", "+1", "1.5", "1e3", "soon", " 1", "99999999999999999999", "4294967296", "0x10", "\u{664}"] {
        let attempt = scene.web.begin("openid", &[("max_age", max_age)])?;
        refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    }
    let attempt = scene.web.begin("openid", &[("max_age", "0")])?;
    let page = scene.signed_in(&scene.web)?.open(attempt.url.as_str()).await?.page()?;
    ensure!(page.has("login-submit"), "{}", page.html);
    Ok(())
}

pub(super) async fn huge_scope(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    for scope in
        ["openid ".repeat(8000), "a ".repeat(50_000), "x".repeat(102_400), "a\"b".to_owned(), "caf\u{e9}".to_owned()]
    {
        let url = attempt.with("scope", &scope);
        let (mut endpoint, form) = (url.clone(), url.query_pairs().into_owned().collect::<Vec<_>>());
        endpoint.set_query(None);
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let begun = std::time::Instant::now();
        let location = post(party, &endpoint, &form).await?;
        ensure!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        told(party, &attempt, &answer_in(&location, party.redirect_uri()?)?, "invalid_scope")?;
    }
    Ok(())
}

pub(super) async fn beyond_the_ceiling(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    for (name, value, error) in [
        ("scope", "openid address", "invalid_scope"),
        ("scope", "openid unheard:of", "invalid_scope"),
        ("resource", "https://unheard-of.example/", "invalid_target"),
        ("resource", "https://api.example/#x", "invalid_target"),
        ("resource", "relative", "invalid_target"),
    ] {
        let attempt = party.begin("openid", &[])?;
        refused(party, &attempt, &attempt.with(name, value), error).await?;
    }
    Ok(())
}

pub(super) async fn long_states(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let state = format!("{} +%&=?#\"<\u{fc}>\u{1}", "s".repeat(2048));
    let attempt = party.begin("openid", &[])?;
    let attempt = Attempt { url: attempt.with("state", &state), state, ..attempt };
    scene.code(party, &attempt).await?;
    refused(party, &attempt, &{ and(&attempt, "max_age", "x") }, "invalid_request").await?;
    let long = attempt.with("state", &"s".repeat(16_384));
    let answer = answer_in(&Url::parse(see(&long).await?.header("location"))?, party.redirect_uri()?)?;
    ensure!(answer["error"] == "invalid_request" && !answer.contains_key("state"), "{answer:?}");
    let none = attempt.with("state", "");
    let away = scene.signed_in(party)?.open(none.as_str()).await?.away()?;
    ensure!(!away.as_str().contains("state"), "{away}");
    Ok(())
}

pub(super) async fn preflight(scene: &Scene) -> Result<()> {
    let url = scene.web.begin("openid", &[])?.url;
    let asks = [("origin", "https://acme.example"), ("access-control-request-method", "GET")];
    let seen = see_by(Method::OPTIONS, &url, &asks).await?;
    ensure!(seen.status == 405 && seen.header("allow") == "GET, POST", "{} {:?}", seen.status, seen.headers);
    for asked in [Method::OPTIONS, Method::GET] {
        let seen = see_by(asked, &url, &asks).await?;
        let cors = seen.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        ensure!(cors.is_none(), "{cors:?}");
    }
    Ok(())
}

pub(super) async fn foreign_origins(scene: &Scene) -> Result<()> {
    for endpoint in ["token_endpoint", "userinfo_endpoint"] {
        let url = Url::parse(scene.web.endpoint(endpoint)?)?;
        for origin in ["null", "https://evil.example", "https://acme.example.evil.example"] {
            for method in [Method::POST, Method::OPTIONS] {
                let asks = [("origin", origin), ("access-control-request-method", "POST")];
                let seen = see_by(method.clone(), &url, &asks).await?;
                let allowed = seen.header("access-control-allow-origin");
                ensure!(allowed.is_empty(), "{endpoint} {method} {origin}: {allowed}");
                ensure!(seen.header("access-control-allow-credentials").is_empty(), "{endpoint} {origin}");
            }
        }
    }
    Ok(())
}

pub(super) async fn methods(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE, Method::OPTIONS] {
        let seen = see_by(method.clone(), &attempt.url, &[]).await?;
        ensure!(seen.status == 405 && seen.header("allow") == "GET, POST", "{method}: {}", seen.status);
    }
    // A preview of the link is a GET without anybody: it gets the page, and uses nothing up.
    for _ in 0..2 {
        ensure!(see(&attempt.url).await?.status == 200);
    }
    // What answers a password is a 303: a 307 would send the password on (T038).
    let mut browser = chancery_tests::browser::Browser::new()?;
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    let mut form = page.form_of("login-submit")?;
    let user = scene.site.first.user()?;
    form.fill("username", &user.username)?;
    form.fill("password", &user.password)?;
    let cookies: Vec<_> = browser.cookies().iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
    let request = Http::new()?.request(Method::POST, &form.action).form(&form.fields);
    let response = request.header("cookie", cookies.join("; ")).send().await?;
    ensure!(response.status().as_u16() == 303, "{}", response.status());
    scene.code(party, &party.begin("openid", &[])?).await?;
    Ok(())
}

pub(super) async fn by_post(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    let mut endpoint = attempt.url.clone();
    endpoint.set_query(None);
    let form = chancery_tests::page::Form {
        action: endpoint,
        post: true,
        fields: attempt.url.query_pairs().into_owned().collect(),
    };
    let landing = scene.signed_in(party)?.send(&form).await?;
    let code = party.code_in(&answer_in(&landing.away()?, party.redirect_uri()?)?, &attempt)?;
    party.redeem(&code, &attempt.verifier).await?.success()?;
    Ok(())
}

pub(super) async fn superfluous(scene: &Scene) -> Result<()> {
    let more = [
        ("display", "hologram"),
        ("ui_locales", "tlh de-CH <x>"),
        ("claims_locales", "de"),
        ("acr_values", "1 2"),
        ("login_hint", "ann"),
        ("extra", "foobar"),
        ("extra", "again"),
        ("request", ""),
    ];
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let attempt = party.begin("email openid", &more)?;
        let code = scene.code(party, &attempt).await?;
        party.redeem(&code, &attempt.verifier).await?.success()?;
    }
    Ok(())
}

pub(super) async fn longest(scene: &Scene) -> Result<()> {
    let party = &scene.hybrid;
    let claims = format!(r#"{{"userinfo":{{"name":null}},"x":"{}"}}"#, "y".repeat(8192 - 33));
    ensure!(claims.len() == 8192, "{}", claims.len());
    let longest = [
        ("state", "\u{1}".repeat(4096)),
        ("nonce", "n".repeat(384)),
        ("login_hint", "l".repeat(1024)),
        ("claims", claims),
        ("acr_values", "a".repeat(1024)),
        ("ui_locales", "d".repeat(1024)),
        ("claims_locales", "c".repeat(1024)),
        ("display", "d".repeat(128)),
        ("prompt", format!("{}login", " ".repeat(123))),
        ("max_age", u32::MAX.to_string()),
    ];
    let attempt = party.begin("openid", &[])?;
    let fields = |longer: Option<&str>| {
        let mut url = attempt.url.clone();
        for (name, value) in &longest {
            let value = if longer == Some(name) { format!("{value}0") } else { value.clone() };
            url = Attempt { url: url.clone(), ..attempt.clone() }.with(name, &value);
        }
        url.query_pairs().into_owned().collect::<Vec<_>>()
    };
    let mut action = attempt.url.clone();
    action.set_query(None);
    // All the way through the pages, which carry it too.
    let mut browser = chancery_tests::browser::Browser::new()?;
    let form = chancery_tests::page::Form { action: action.clone(), post: true, fields: fields(None) };
    let page = browser.send(&form).await?.page()?;
    let user = scene.site.second.user()?;
    let mut landing = browser.log_in(&page, &user.username, &user.password).await?;
    if let Landing::Page(page) = &landing {
        landing = browser.press(page, "consent-allow").await?;
    }
    let answer = answer_in(&landing.away()?, party.redirect_uri()?)?;
    ensure!(answer.get("state").map(String::len) == Some(4096), "{answer:?}");
    let tokens = party.redeem(&answer["code"], &attempt.verifier).await?.success()?;
    let nonce = chancery_tests::party::claims(super::scene::text(&tokens, "id_token")?)?["nonce"].clone();
    ensure!(nonce.as_str().map(str::len) == Some(384), "{nonce}");

    for (name, _) in &longest {
        let fields = fields(Some(name));
        let form: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let location = post(party, &action, &form).await?;
        let answer = answer_in(&location, party.redirect_uri()?)?;
        ensure!(answer["error"] == "invalid_request", "{name}: {answer:?}");
        ensure!(answer["error_description"].starts_with(name), "{name}: {answer:?}");
    }
    Ok(())
}
