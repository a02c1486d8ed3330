//! Signing out because an application asks.

use http::StatusCode;

use crate::{
    browser::{Browser, parameter},
    world::World,
};

/// An ID token for the browser's session, by way of the token endpoint.
async fn id_token(world: &World, browser: &mut Browser<'_>) -> String {
    let answer = browser.arrive("acme").await;
    let code = parameter(answer.header("location"), "code").expect("a code");
    let form = format!(
        "grant_type=authorization_code&client_id=app&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier={}",
        "a".repeat(43)
    );
    let tokens = world.post("/t/acme/oauth2/token", &form).await;
    tokens.json()["id_token"].as_str().unwrap_or_else(|| panic!("{}", tokens.body)).to_owned()
}

#[tokio::test]
async fn with_a_hint_the_browser_goes_back_signed_out() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser).await;
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=s2");
    let answer = browser.get(&format!("/t/acme/oauth2/logout?{query}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "https://app.example/bye?state=s2");
    assert!(!browser.cookies.contains_key("__Secure-chancery-session"));
    let silent = browser.authorize("acme", "&prompt=none").await;
    assert_eq!(parameter(silent.header("location"), "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn without_a_hint_the_user_is_asked() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.arrive("acme").await;
    let question = browser.get("/t/acme/oauth2/logout").await;
    assert!(question.body.contains("id=\"logout-confirm\""), "{}", question.body);
    let still = browser.authorize("acme", "&prompt=none").await;
    assert!(parameter(still.header("location"), "code").is_some());
    let page = browser.post("/t/acme/signout", &[("flow", &question.field("flow"))]).await;
    assert!(page.body.contains("id=\"logged-out\""));
    let again = browser.post("/t/acme/signout", &[("flow", &question.field("flow"))]).await;
    assert!(again.body.contains("id=\"logged-out\""), "signing out twice does no harm");
}

#[tokio::test]
async fn an_unregistered_place_is_never_gone_to() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser).await;
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
    let page = browser.get(&format!("/t/acme/oauth2/logout?{query}")).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""));
    assert!(!page.error_code().is_empty());
}

#[tokio::test]
async fn who_is_not_signed_in_is_signed_out() {
    let world = World::new().await;
    let page = world.look("/t/acme/oauth2/logout").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("id=\"logged-out\""));
}
