//! Signing out, and sessions that end by themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::http::{Method, StatusCode};
use url::Url;

use crate::browser::{Browser, app, relying_party};

#[tokio::test]
async fn signing_out_ends_the_session_here_and_there() {
    let mut browser = Browser::new().await;
    browser.sign_in("/login").await;
    let cookies = browser.cookies.clone();
    let seen = browser.call(Method::POST, "/logout", "text/html").await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    let url = Url::parse(seen.location()).expect("a URL");
    assert!(url.as_str().starts_with(&format!("{}/logout?id_token_hint=", browser.provider.url)));
    let query: Vec<_> = url.query_pairs().into_owned().skip(1).collect();
    let expected = [("client_id", "my-app"), ("post_logout_redirect_uri", "https://app.example/")];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(browser.cookies.is_empty());
    browser.cookies = cookies;
    assert_eq!(browser.get("/").await.body, "nobody", "the old cookie stands for nothing");
}

#[tokio::test]
async fn signing_out_is_a_post_and_does_no_harm_twice() {
    let mut browser = Browser::new().await;
    assert_eq!(browser.get("/logout").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(browser.call(Method::POST, "/logout", "text/html").await.location(), "/");
}

#[tokio::test]
async fn sessions_and_sign_ins_end_by_themselves() {
    let provider = Browser::new().await.provider;
    let passed = Arc::new(AtomicU64::new(0));
    let later = Arc::clone(&passed);
    #[expect(clippy::disallowed_methods, reason = "the provider of the test goes by the machine's clock")]
    let clock = move || SystemTime::now() + Duration::from_secs(later.load(Ordering::SeqCst));
    let rp = relying_party(&provider).session_life(Duration::from_secs(3600)).clock(clock).build().expect("built");
    let mut browser = Browser::before(app(&rp), provider);

    browser.sign_in("/login").await;
    passed.store(3590, Ordering::SeqCst);
    assert_eq!(browser.get("/").await.body, "ada");
    passed.store(3600, Ordering::SeqCst);
    assert_eq!(browser.get("/").await.body, "nobody");

    let request = browser.begin("/login").await;
    let (state, iss) = (request["state"].clone(), browser.provider.url.clone());
    let code = browser.provider.authorize(request);
    passed.fetch_add(600, Ordering::SeqCst);
    let seen = browser.come_back(&[("code", &code), ("state", &state), ("iss", &iss)]).await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
}
