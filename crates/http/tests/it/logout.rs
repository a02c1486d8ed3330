//! Signing out because an application asks.

use chancery_domain::{client::ClientLogout, logout_scope::LogoutScope};
use http::StatusCode;

use crate::{
    browser::{Browser, parameter},
    world::World,
};

/// An ID token for the browser's session, by way of the token endpoint.
pub(crate) async fn id_token(world: &World, browser: &mut Browser<'_>, tenant: &str) -> String {
    let answer = browser.arrive(tenant).await;
    let code = parameter(answer.header("location"), "code").expect("a code");
    let form = format!(
        "grant_type=authorization_code&client_id=app&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier={}",
        "a".repeat(43)
    );
    let tokens = world.post(&format!("/t/{tenant}/oauth2/token"), &form).await;
    tokens.json()["id_token"].as_str().unwrap_or_else(|| panic!("{}", tokens.body)).to_owned()
}

#[tokio::test]
async fn with_a_hint_the_browser_goes_back_signed_out() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "acme").await;
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
async fn p050_what_else_a_request_may_hold_never_makes_it_fail() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "acme").await;
    let more = "logout_hint=ada&ui_locales=fr-CA%20en&client_id=app&whatever=1";
    let question = browser.get(&format!("/t/acme/oauth2/logout?{more}&state=x")).await;
    assert!(question.body.contains("id=\"logout-confirm\""), "{}", question.body);
    let form: Vec<_> = more.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let target = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://app.example/bye")];
    let answer = browser.post("/t/acme/oauth2/logout", &[&form[..], &target].concat()).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "https://app.example/bye"));
}

/// How a browser says that another site's page, or perhaps another site's, posts a form; the cookies stay behind.
const ELSEWHERE: [&[(&str, &str)]; 4] =
    [&[("sec-fetch-site", "cross-site")], &[("origin", "https://app.example")], &[("origin", "null")], &[]];

#[tokio::test]
async fn t216_p050_a_form_without_cookies_is_posted_again_from_here() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "acme").await;
    let target = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=s2";
    let long = format!("id_token_hint={hint}&{target}&submit=1&whatever={}", "x".repeat(6 * 1024));
    for headers in ELSEWHERE {
        let page = world.post_with("/t/acme/oauth2/logout", &long, headers).await;
        assert_eq!((page.status, page.headers.get("set-cookie")), (StatusCode::OK, None), "{headers:?}");
        assert!(page.body.contains("action=\"https://id.example/t/acme/oauth2/logout\""), "{}", page.body);
        assert!(!page.body.contains("id=\"logged-out\"") && page.body.contains("type=\"submit\""), "{}", page.body);
        assert_eq!((page.field("id_token_hint"), page.field("submit").as_str()), (hint.clone(), "1"));
        let short = world.post_with("/t/acme/oauth2/logout", target, headers).await;
        assert_eq!((short.status, short.headers.get("set-cookie")), (StatusCode::SEE_OTHER, None), "{headers:?}");
        assert_eq!(short.header("location"), format!("https://id.example/t/acme/oauth2/logout?{target}"));
    }
    assert!(parameter(browser.authorize("acme", "&prompt=none").await.header("location"), "code").is_some());
    // From here the cookies come along, in browsers of every age.
    browser.headers = vec![("accept", "text/html"), ("origin", "null")];
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://app.example/bye")];
    let answer = browser.post("/t/acme/oauth2/logout", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "https://app.example/bye"));
    assert!(!browser.cookies.contains_key("__Secure-chancery-session"));
}

#[tokio::test]
async fn t216_who_has_no_cookies_is_not_sent_round_for_ever() {
    let world = World::new().await;
    let form = format!("posted_again=1&whatever={}", "x".repeat(6 * 1024));
    for headers in [&[("sec-fetch-site", "same-origin")][..], &[("origin", "null")], &[]] {
        let page = world.post_with("/t/acme/oauth2/logout", &form, headers).await;
        assert!(page.body.contains("id=\"logged-out\""), "{headers:?}: {}", page.body);
        // Where the page might be another site's after all, nothing is taken from the browser.
        let cookies = page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        let cleared = cookies.filter(|line| line.contains("Max-Age=0")).count();
        assert_eq!(cleared, usize::from(headers == [("sec-fetch-site", "same-origin")]), "{headers:?}");
    }
    // Whose browser can tell is told nothing by a mark.
    for headers in &ELSEWHERE[..2] {
        let page = world.post_with("/t/acme/oauth2/logout", &form, headers).await;
        assert!(
            page.body.contains("name=\"posted_again\"") && page.headers.get("set-cookie").is_none(),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn a_client_may_sign_out_of_itself_alone() {
    let world = World::new().await;
    let alone = ClientLogout { scope: Some(LogoutScope::Client), ..ClientLogout::default() };
    world.register_logout("acme", alone).await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "acme").await;
    let tenant = world.tenants["acme"];
    let live = || world.store.grants(tenant).iter().filter(|grant| grant.revoked.is_none()).count();
    assert_eq!(live(), 1);
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye");
    let answer = browser.get(&format!("/t/acme/oauth2/logout?{query}")).await;
    assert_eq!(answer.header("location"), "https://app.example/bye", "{}", answer.body);
    assert_eq!(live(), 0, "what it was given is taken back");
    let silent = browser.authorize("acme", "&prompt=none").await;
    assert!(parameter(silent.header("location"), "code").is_some(), "the person is still signed in");
    let page = browser.get("/t/acme/oauth2/logout").await;
    assert!(page.body.contains("id=\"logout-confirm\""), "without a hint the whole session is meant");
}

#[tokio::test]
async fn an_unregistered_place_is_never_gone_to() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let hint = id_token(&world, &mut browser, "acme").await;
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
