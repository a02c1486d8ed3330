//! Signing in, and every way in which it must not happen.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use crate::browser::{Browser, app, relying_party};

#[tokio::test]
async fn somebody_signs_in_and_comes_back_to_where_they_were() {
    let mut browser = Browser::new().await;
    let seen = browser.get("/orders/list?page=2").await;
    assert_eq!(seen.location(), "/login?next=%2Forders%2Flist%3Fpage%3D2");
    let seen = browser.sign_in("/login?next=%2Forders%2Flist%3Fpage%3D2").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/orders/list?page=2"));
    assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    let seen = browser.get("/orders/list").await;
    assert_eq!(seen.body, format!("Ada Lovelace of {}", browser.provider.url));
    assert_eq!(browser.get("/").await.body, "ada");
    assert_eq!(browser.cookies.len(), 1, "the cookie of the sign-in is gone");
}

#[tokio::test]
async fn the_request_is_what_the_provider_expects() {
    let mut browser = Browser::new().await;
    let request = browser.begin("/login").await;
    let expected = [
        ("response_type", "code"),
        ("client_id", "my-app"),
        ("redirect_uri", "https://app.example/callback"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(request[name], value, "{name}");
    }
    let again = browser.begin("/login").await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(request[name].len(), 43, "{name}");
        assert_ne!(request[name], again[name], "{name}");
    }
}

#[tokio::test]
async fn more_can_be_asked() {
    let provider = Browser::new().await.provider;
    let rp = relying_party(&provider).parameter("prompt", "login").parameter("max_age", "30").build().expect("built");
    let mut browser = Browser::before(app(&rp), provider);
    let request = browser.begin("/login").await;
    assert_eq!((request["prompt"].as_str(), request["max_age"].as_str()), ("login", "30"));
    browser.provider.conduct().id_token = json!({ "auth_time": 1 });
    assert_eq!(browser.sign_in("/login").await.status, StatusCode::BAD_GATEWAY);
    browser.provider.conduct().id_token = json!({});
    assert_eq!(browser.sign_in("/login").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn cookies_are_for_this_host_and_no_script() {
    let mut browser = Browser::new().await;
    let login = browser.get("/login").await;
    let session = browser.sign_in("/login").await;
    for cookie in login.headers.get_all(header::SET_COOKIE).iter().chain(session.headers.get_all(header::SET_COOKIE)) {
        let cookie = cookie.to_str().expect("text");
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age="] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let mut browser = Browser::new().await;
    let (one, other) = (browser.begin("/login?next=/one").await, browser.begin("/login?next=/other").await);
    for (request, path) in [(other, "/other"), (one, "/one")] {
        let (state, iss) = (request["state"].clone(), browser.provider.url.clone());
        let code = browser.provider.authorize(request);
        let seen = browser.come_back(&[("code", &code), ("state", &state), ("iss", &iss)]).await;
        assert_eq!(seen.location(), path);
    }
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let mut browser = Browser::new().await;
    for next in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "%0d%0aX:y"] {
        assert_eq!(browser.sign_in(&format!("/login?next={next}")).await.location(), "/", "{next}");
    }
}

#[tokio::test]
async fn an_answer_serves_once_in_the_browser_that_asked() {
    let mut browser = Browser::new().await;
    let request = browser.begin("/login").await;
    let (state, iss) = (request["state"].clone(), browser.provider.url.clone());
    let code = browser.provider.authorize(request.clone());
    let answer = [("code", code.as_str()), ("state", &state), ("iss", &iss)];

    let mut victim = browser.other();
    assert_eq!(victim.come_back(&answer).await.status, StatusCode::BAD_REQUEST, "without a sign-in");
    victim.begin("/login").await;
    assert_eq!(victim.come_back(&answer).await.status, StatusCode::BAD_REQUEST, "with one of its own");

    let cookies = browser.cookies.clone();
    assert_eq!(browser.come_back(&answer).await.status, StatusCode::SEE_OTHER);
    browser.cookies = cookies;
    let again = browser.provider.authorize(request);
    let replay = [("code", again.as_str()), ("state", &state), ("iss", &iss)];
    assert_eq!(browser.come_back(&replay).await.status, StatusCode::BAD_REQUEST, "a second time");
}

#[tokio::test]
async fn t061_an_answer_that_is_not_right_is_refused() {
    let mut browser = Browser::new().await;
    let iss = browser.provider.url.clone();
    let cases: [(&[(&str, &str)], StatusCode); 7] = [
        (&[("code", "x"), ("iss", &iss)], StatusCode::BAD_REQUEST),
        (&[("code", "x"), ("state", "STATE")], StatusCode::BAD_REQUEST),
        (&[("code", "x"), ("state", "STATE"), ("iss", "https://evil.example")], StatusCode::BAD_REQUEST),
        (&[("code", "x"), ("code", "y"), ("state", "STATE"), ("iss", &iss)], StatusCode::BAD_REQUEST),
        (&[("state", "STATE"), ("iss", &iss)], StatusCode::BAD_REQUEST),
        (&[("error", "access_denied"), ("state", "STATE"), ("iss", &iss)], StatusCode::FORBIDDEN),
        (&[("code", "unknown"), ("state", "STATE"), ("iss", &iss)], StatusCode::FORBIDDEN),
    ];
    for (answer, status) in cases {
        let state = browser.begin("/login").await["state"].clone();
        let answer: Vec<_> = answer
            .iter()
            .map(|(name, value)| (*name, if *value == "STATE" { state.as_str() } else { value }))
            .collect();
        let seen = browser.come_back(&answer).await;
        assert_eq!(seen.status, status, "{answer:?}");
        assert_eq!(seen.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(browser.get("/").await.body, "nobody");
    }
}

#[tokio::test]
async fn an_error_page_shows_nothing_that_came_in() {
    let mut browser = Browser::new().await;
    let (state, iss) = (browser.begin("/login").await["state"].clone(), browser.provider.url.clone());
    let seen = browser.come_back(&[("error", "<script>"), ("state", &state), ("iss", &iss)]).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(!seen.body.contains("script") && !seen.body.contains(&state));
}

#[tokio::test]
async fn a_token_that_is_not_right_signs_nobody_in() {
    let mut browser = Browser::new().await;
    let wrong = [
        json!({ "nonce": "other" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "other" }),
        json!({ "aud": ["my-app", "other"] }),
        json!({ "azp": "other" }),
        json!({ "exp": 1 }),
        json!({ "at_hash": "AAAA" }),
        json!({ "sub": null }),
    ];
    for changes in wrong {
        browser.provider.conduct().id_token = changes.clone();
        assert_eq!(browser.sign_in("/login").await.status, StatusCode::BAD_GATEWAY, "{changes}");
        assert_eq!(browser.get("/").await.body, "nobody");
    }
    browser.provider.conduct().id_token = json!({});
    browser.provider.conduct().user_info = json!({ "sub": "eve" });
    assert_eq!(browser.sign_in("/login").await.status, StatusCode::BAD_GATEWAY);
    browser.provider.conduct().user_info = json!({});
    browser.provider.conduct().away = true;
    assert_eq!(browser.sign_in("/login").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_session_gets_a_new_cookie_at_each_sign_in() {
    let mut browser = Browser::new().await;
    browser.cookies.insert("__Host-session".into(), "planted".into());
    browser.sign_in("/login").await;
    let first = browser.cookies["__Host-session"].clone();
    assert_ne!(first, "planted");
    browser.sign_in("/login").await;
    assert_ne!(browser.cookies["__Host-session"], first);
    browser.cookies.insert("__Host-session".into(), first);
    assert_eq!(browser.get("/").await.body, "nobody", "the session before is over");
}

#[tokio::test]
async fn scripts_and_forms_are_told_and_not_sent_away() {
    let mut browser = Browser::new().await;
    let seen = browser.call(Method::GET, "/orders/list", "application/json").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::UNAUTHORIZED, ""));
}
