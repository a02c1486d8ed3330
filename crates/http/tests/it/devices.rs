//! The pages for devices, and where devices ask.

use std::time::Duration;

use chancery_domain::{device::UserCode, ports::store::Store, secret::Digest};
use http::StatusCode;
use serde_json::Value;

use crate::{
    browser::Browser,
    world::{Answer, PASSWORD, World},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the device of the client `tv` at `devices` is told.
async fn codes(world: &World) -> Value {
    let answer = world.post("/t/devices/oauth2/device_authorization", "client_id=tv&scope=openid%20email").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

async fn poll(world: &World, codes: &Value) -> Answer {
    let code = codes["device_code"].as_str().expect("a code");
    world.post("/t/devices/oauth2/token", &format!("client_id=tv&grant_type={GRANT}&device_code={code}")).await
}

/// Somebody who signed in on the way to the page for codes, which is what they see.
async fn signed_in(browser: &mut Browser<'_>, path: &str) -> Answer {
    let page = browser.get(path).await;
    assert!(page.body.contains("id=\"login-submit\""), "nobody gets there without signing in: {}", page.body);
    let welcome = browser.sign_in("devices", &page, "ada", PASSWORD).await;
    assert_eq!(welcome.status, StatusCode::SEE_OTHER, "{}", welcome.body);
    let onward = welcome.header("location").strip_prefix("https://id.example").expect("a page of ours").to_owned();
    browser.get(&onward).await
}

async fn type_in(browser: &mut Browser<'_>, page: &Answer, code: &str) -> Answer {
    browser.post("/t/devices/device", &[("flow", &page.field("flow")), ("user_code", code)]).await
}

async fn decide(browser: &mut Browser<'_>, page: &Answer, decision: &str) -> Answer {
    browser.post("/t/devices/device", &[("flow", &page.field("flow")), ("decision", decision)]).await
}

#[tokio::test]
async fn somebody_connects_a_device() {
    let world = World::new().await;
    let codes = codes(&world).await;
    let code = codes["user_code"].as_str().expect("a code");
    let mut browser = Browser::new(&world);
    let page = signed_in(&mut browser, "/t/devices/device").await;
    assert!(page.body.contains("id=\"device-continue\""), "{}", page.body);
    let page = type_in(&mut browser, &page, &code.to_lowercase()).await;
    for shown in ["Television", code, "192.0.2.1", "<code>email</code>", "id=\"device-allow\"", "id=\"device-deny\""] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
    for (header, value) in [("cache-control", "no-store"), ("x-frame-options", "DENY")] {
        assert_eq!(page.header(header), value);
    }
    assert_eq!(poll(&world, &codes).await.json()["error"], "authorization_pending");
    let done = decide(&mut browser, &page, "allow").await;
    assert!(done.status == StatusCode::OK && done.body.contains("id=\"device-done\""), "{}", done.body);
    let tokens = poll(&world, &codes).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert!(tokens.json()["access_token"].is_string() && tokens.json()["id_token"].is_string());
    assert_eq!(poll(&world, &codes).await.json()["error"], "invalid_grant");
    let late = decide(&mut browser, &page, "deny").await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "decided already");
}

#[tokio::test]
async fn t225_nothing_is_allowed_without_a_button_of_whoever_signed_in() {
    let world = World::new().await;
    let codes = codes(&world).await;
    let complete = codes["verification_uri_complete"].as_str().expect("a URI");
    let complete = complete.strip_prefix("https://id.example").expect("a page of ours");
    let mut browser = Browser::new(&world);
    let page = signed_in(&mut browser, complete).await;
    assert!(page.body.contains("id=\"device-allow\""), "the code was brought along: {}", page.body);
    assert_eq!(poll(&world, &codes).await.json()["error"], "authorization_pending", "and nothing more");

    // Another site's form, another browser, another session, nobody.
    let flow = page.field("flow");
    let fields = [("flow", flow.as_str()), ("decision", "allow")];
    browser.headers = vec![("accept", "text/html"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post("/t/devices/device", &fields).await.status, StatusCode::FORBIDDEN);
    browser.headers = vec![("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let mut other = Browser::new(&world);
    signed_in(&mut other, "/t/devices/device").await;
    assert_eq!(other.post("/t/devices/device", &fields).await.status, StatusCode::BAD_REQUEST);
    let mut again = Browser::new(&world);
    again.cookies = browser.cookies.clone();
    again.cookies.retain(|name, _| name.contains("browser"));
    assert_eq!(again.post("/t/devices/device", &fields).await.status, StatusCode::BAD_REQUEST);
    // A guess at the decision without its page.
    let bare = [("decision", "allow"), ("user_code", codes["user_code"].as_str().expect("a code"))];
    assert_eq!(browser.post("/t/devices/device", &bare).await.status, StatusCode::BAD_REQUEST);
    world.clock.advance(Duration::from_secs(15));
    assert_eq!(poll(&world, &codes).await.json()["error"], "authorization_pending");

    let refused = decide(&mut browser, &page, "deny").await;
    assert!(refused.body.contains("id=\"device-done\""), "{}", refused.body);
    assert_eq!(poll(&world, &codes).await.json()["error"], "access_denied");
}

#[tokio::test]
async fn t222_codes_are_not_to_be_guessed() {
    let world = World::new().await;
    let codes = codes(&world).await;
    let mut browser = Browser::new(&world);
    let mut page = signed_in(&mut browser, "/t/devices/device").await;
    for guess in ["BBBB-BBBB", "not a code", "CCCC-CCCC", "DDDD-DDDD", "", "FFFF-FFFF", "GGGG-GGGG"] {
        page = type_in(&mut browser, &page, guess).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{guess}");
    }
    let right = codes["user_code"].as_str().expect("a code");
    let refused = type_in(&mut browser, &page, right).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "10"));
    assert!(!refused.body.contains("device-allow"));
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(type_in(&mut browser, &refused, right).await.status, StatusCode::OK);
}

#[tokio::test]
async fn t222_where_many_guess_short_codes_are_not_looked_for_and_new_ones_are_longer() {
    let world = World::new().await;
    let tenant = world.tenants["devices"];
    // As many wait as make 24 misses too many.
    let (first, rows) = (codes(&world).await, world.store.read(tenant));
    let code = UserCode::parse(first["user_code"].as_str().expect("a code")).expect("a code");
    let model = rows.devices().find_by_user_code(&code.digest()).await.expect("read").expect("there");
    let tx = world.store.begin(tenant).await.expect("begun");
    for n in 0..1_000_u32 {
        let mut wish = model.clone();
        wish.digest = Digest::of("test", &n.to_be_bytes());
        wish.user_code = wish.digest;
        tx.devices().insert(&wish).await.expect("inserted");
    }
    tx.commit().await.expect("committed");
    let long = codes(&world).await;
    assert_eq!(long["user_code"].as_str().map(str::len), Some(14), "{long}");

    let mut browser = Browser::new(&world);
    let mut page = signed_in(&mut browser, "/t/devices/device").await;
    for miss in 0..24 {
        let source = format!("198.51.100.{miss}");
        world.move_to(source.parse().expect("an address"));
        page = type_in(&mut browser, &page, "BBBB-BBBB").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{miss}");
    }
    world.move_to("203.0.113.9".parse().expect("an address"));
    let short = type_in(&mut browser, &page, first["user_code"].as_str().expect("a code")).await;
    assert_eq!(short.status, StatusCode::TOO_MANY_REQUESTS);
    let found = type_in(&mut browser, &page, long["user_code"].as_str().expect("a code")).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    // Until what was guessed at is over.
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(codes(&world).await["user_code"].as_str().map(str::len), Some(9));
}

#[tokio::test]
async fn t227_where_there_are_no_devices_there_is_no_page() {
    let world = World::new().await;
    for (tenant, there) in [("devices", true), ("acme", false)] {
        let metadata = world.get(&format!("/t/{tenant}/.well-known/openid-configuration")).await.json();
        let endpoint = format!("https://id.example/t/{tenant}/oauth2/device_authorization");
        let expected = if there { Value::from(endpoint) } else { Value::Null };
        assert_eq!(metadata["device_authorization_endpoint"], expected);
        let grants = metadata["grant_types_supported"].as_array().expect("an array");
        assert_eq!(grants.contains(&GRANT.into()), there);
        let page = Browser::new(&world).get(&format!("/t/{tenant}/device")).await;
        assert_eq!(page.status, if there { StatusCode::OK } else { StatusCode::NOT_FOUND });
    }
    let answer = world.post("/t/acme/oauth2/device_authorization", "client_id=app").await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("unsupported_grant_type"))
    );
    let answer = world.post("/t/devices/oauth2/device_authorization", "client_id=app").await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("unauthorized_client"))
    );
}
