//! What a logout request may do.

use chancery_domain::{redirect_uri::RedirectUri, session::Session, time::Clock};
use chancery_oauth::logout::{self, LogoutRequest};
use chancery_testkit::builders;

use crate::front::{Front, form};

const AFTER: &str = "https://app.example/bye?from=id";

async fn with_place() -> (Front, String) {
    let front = Front::new().await;
    let mut app = front.app.clone();
    app.post_logout_redirect_uris.push(RedirectUri::register(AFTER, app.kind).expect("a URI"));
    front.update(&app).await;
    let hint = front.sign_in(&front.app, "openid").await.text("id_token").to_owned();
    (front, hint)
}

async fn ask(front: &Front, session: Option<&Session>, parameters: &[(&str, &str)]) -> Result<LogoutRequest, String> {
    let asked = logout::check(&front.cx, &front.view, &form(parameters), session).await;
    asked.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_hint_and_a_registered_place_bring_the_browser_back() {
    let (front, hint) = with_place().await;
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "a b")];
    let asked = ask(&front, Some(&front.session), &parameters).await.expect("good");
    assert!(!asked.needs_confirmation);
    assert_eq!(asked.redirect.as_deref(), Some("https://app.example/bye?from=id&state=a%20b"));
    assert_eq!(asked.session, Some(front.session.id));
    let stateless = ask(&front, Some(&front.session), &parameters[..2]).await.expect("good");
    assert_eq!(stateless.redirect.as_deref(), Some(AFTER));
    let long_gone = ask(&front, None, &parameters[..2]).await.expect("good");
    assert!(!long_gone.needs_confirmation && long_gone.redirect.is_some());
}

#[tokio::test]
async fn without_a_hint_the_user_is_asked_and_nobody_is_redirected() {
    let (front, hint) = with_place().await;
    let forged = format!("{hint}x");
    for parameters in [
        vec![],
        vec![("post_logout_redirect_uri", AFTER)],
        vec![("client_id", "app"), ("post_logout_redirect_uri", AFTER)],
        vec![("id_token_hint", forged.as_str()), ("post_logout_redirect_uri", AFTER)],
        vec![("id_token_hint", "eyJhbGciOiJub25lIn0.e30."), ("post_logout_redirect_uri", "https://evil.example")],
    ] {
        let asked = ask(&front, Some(&front.session), &parameters).await.expect("a page");
        assert!(asked.needs_confirmation && asked.redirect.is_none(), "{parameters:?}");
    }
    assert!(!ask(&front, None, &[]).await.expect("a page").needs_confirmation, "nobody is signed in");
}

#[tokio::test]
async fn a_hint_about_another_session_asks_the_user() {
    let (front, hint) = with_place().await;
    let grace = builders::user("grace", &*front.random, front.clock.now());
    for user in [&grace, &front.user] {
        let (other, _) = builders::session(user, &front.view.tenant, &*front.random, front.clock.now());
        let asked = ask(&front, Some(&other), &[("id_token_hint", &hint)]).await.expect("good");
        assert!(asked.needs_confirmation);
    }
}

#[tokio::test]
async fn a_place_that_is_not_registered_is_an_error() {
    let (front, hint) = with_place().await;
    for place in
        ["https://evil.example", "https://app.example/bye", "https://app.example/bye?from=id&x=1", "javascript:x"]
    {
        let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", place)];
        let error = ask(&front, Some(&front.session), &parameters).await.expect_err(place);
        assert!(error.starts_with("invalid_request: post_logout_redirect_uri"), "{error}");
    }
    let other = [("id_token_hint", hint.as_str()), ("client_id", "site")];
    assert!(ask(&front, Some(&front.session), &other).await.is_err(), "another client than the hint's");
}
