//! What applications are told by pages in frames: that somebody signed out, and whether a session is the same.

use chancery_domain::{
    client::{ClientLogout, FrontchannelUri},
    secret::base64url,
};
use http::StatusCode;
use sha2::{Digest, Sha256};

use crate::{
    browser::{Browser, parameter},
    logout::id_token,
    world::{PASSWORD, World},
};

const STATE: &str = "__Secure-chancery-state";

fn hears_by_frame() -> ClientLogout {
    let uri = FrontchannelUri::register("https://app.example/out?from=id").expect("a URI");
    ClientLogout { frontchannel_uri: Some(uri), ..ClientLogout::default() }
}

/// What the page says to `app` at that origin, whose script is shown in a real browser elsewhere.
fn answer(session_state: &str, origin: &str, browser: &Browser<'_>) -> &'static str {
    let (hash, salt) = session_state.split_once('.').expect("a salt");
    let own = browser.cookies.get(STATE).map(String::as_str).unwrap_or_default();
    let same = base64url(&Sha256::digest(format!("app {origin} {own} {salt}"))) == hash;
    if same { "unchanged" } else { "changed" }
}

#[tokio::test]
async fn p052_the_page_loads_what_applications_registered_and_goes_on() {
    let world = World::new().await;
    world.register_logout("classic", hears_by_frame()).await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "classic").await;
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=s2");
    let page = browser.get(&format!("/t/classic/oauth2/logout?{query}")).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::OK, ""), "{}", page.body);
    let frame = page.body.split("<iframe").nth(1).and_then(|rest| rest.split("src=\"").nth(1)).expect("a frame");
    let url = frame.split('"').next().expect("a URL").replace("&#38;", "&");
    assert!(url.starts_with("https://app.example/out?from=id&iss="), "{url}");
    assert_eq!(parameter(&url, "iss").as_deref(), Some("https://id.example/t/classic"));
    assert_eq!(parameter(&url, "sid").map(|sid| sid.len()), Some(36));
    assert!(page.body.contains("id=\"onward\" href=\"https://app.example/bye?state=s2\""), "{}", page.body);
    let policy = page.header("content-security-policy");
    assert!(policy.contains(" frame-src https://app.example; "), "{policy}");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"), "{policy}");

    let again = browser.get(&format!("/t/classic/oauth2/logout?{query}")).await;
    assert_eq!(again.header("location"), "https://app.example/bye?state=s2", "nobody is left to be told");
}

#[tokio::test]
async fn p052_who_signs_out_without_an_application_sees_the_page_too() {
    let world = World::new().await;
    world.register_logout("classic", hears_by_frame()).await;
    let mut browser = Browser::new(&world);
    browser.arrive("classic").await;
    let question = browser.get("/t/classic/oauth2/logout").await;
    let page = browser.post("/t/classic/signout", &[("flow", &question.field("flow"))]).await;
    assert!(page.body.contains("id=\"logged-out\"") && page.body.contains("<iframe hidden"), "{}", page.body);
    assert!(!page.body.contains("<script") && !page.body.contains("id=\"onward\""), "{}", page.body);
    assert!(page.header("content-security-policy").contains(" frame-src https://app.example; "));
}

#[tokio::test]
async fn p052_a_session_is_unchanged_until_somebody_signs_out() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let first = browser.arrive("classic").await;
    let state = parameter(first.header("location"), "session_state").expect("a session_state");
    assert_eq!(answer(&state, "https://app.example", &browser), "unchanged");
    assert_eq!(answer(&state, "https://evil.example", &browser), "changed", "another origin cannot use it");
    let silent = browser.authorize("classic", "&prompt=none").await;
    let again = parameter(silent.header("location"), "session_state").expect("a session_state");
    assert_ne!(again, state, "the salt is another");
    assert_eq!(answer(&again, "https://app.example", &browser), "unchanged");

    let question = browser.get("/t/classic/oauth2/logout").await;
    browser.post("/t/classic/signout", &[("flow", &question.field("flow"))]).await;
    for state in [&state, &again] {
        assert_eq!(answer(state, "https://app.example", &browser), "changed");
    }
    let page = browser.authorize("classic", "").await;
    let other = browser.sign_in("classic", &page, "ada", PASSWORD).await;
    let other = parameter(other.header("location"), "session_state").expect("a session_state");
    assert_eq!(answer(&other, "https://app.example", &browser), "unchanged");
    assert_eq!(answer(&state, "https://app.example", &browser), "changed");
}

#[tokio::test]
async fn p052_the_state_is_for_one_page_alone_and_that_page_may_be_framed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.arrive("classic").await;
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("ascii"));
    let line = lines.into_iter().find(|line| line.starts_with(STATE)).expect("the state");
    let (_, attributes) = line.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Path=/t/classic/oauth2/session; SameSite=None; Secure");

    let page = browser.get("/t/classic/oauth2/session").await;
    assert_eq!((page.status, page.header("x-frame-options")), (StatusCode::OK, ""));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("frame-ancestors *") && !policy.contains("unsafe"), "{policy}");
    let metadata = world.get("/t/classic/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["check_session_iframe"], "https://id.example/t/classic/oauth2/session");
}

#[tokio::test]
async fn p012_what_is_off_is_neither_there_nor_told() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    world.register_logout("acme", hears_by_frame()).await;
    let hint = id_token(&world, &mut browser, "acme").await;
    let silent = browser.authorize("acme", "&prompt=none").await;
    assert_eq!(parameter(silent.header("location"), "session_state"), None);
    assert!(!browser.cookies.contains_key(STATE));
    assert_eq!(browser.get("/t/acme/oauth2/session").await.status, StatusCode::NOT_FOUND);
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye");
    let answer = browser.get(&format!("/t/acme/oauth2/logout?{query}")).await;
    assert_eq!(answer.header("location"), "https://app.example/bye");
    for (tenant, by_frames) in [("acme", false), ("classic", true)] {
        let metadata = world.get(&format!("/t/{tenant}/.well-known/openid-configuration")).await.json();
        for member in ["check_session_iframe", "frontchannel_logout_supported", "frontchannel_logout_session_supported"]
        {
            assert_eq!(metadata.get(member).is_some(), by_frames, "{tenant} {member}");
        }
        for member in ["backchannel_logout_supported", "backchannel_logout_session_supported"] {
            assert_eq!(metadata[member], true, "{tenant} {member}");
        }
        assert!(metadata["end_session_endpoint"].is_string());
    }
}
