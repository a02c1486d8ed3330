//! The provider says that somebody signed out there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use chancery_relying_party::{Kind, LogoutError, MemoryStore, RelyingParty, Store, StoreError};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    browser::{Browser, app, relying_party},
    provider::{self, Provider},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

struct Told {
    rp: RelyingParty,
    browser: Browser,
}

impl Told {
    async fn signed_in() -> Self {
        Self::keeping(MemoryStore::default()).await
    }

    async fn keeping(store: impl Store + 'static) -> Self {
        let provider = Provider::start().await;
        let rp = relying_party(&provider).hear_logout().store(store).build().expect("built");
        let mut browser = Browser::before(app(&rp), provider);
        browser.sign_in("/login").await;
        assert_eq!(browser.get("/").await.body, "ada");
        Self { rp, browser }
    }

    /// A logout token that is good but for these changes; null leaves a claim out.
    fn token(&self, typ: &str, changes: &Value) -> String {
        let now = provider::now();
        let mut claims = json!({
            "iss": self.browser.provider.url, "aud": "my-app", "sub": "ada", "sid": "s1", "iat": now, "exp": now + 120,
            "jti": "j1", "events": { EVENT: {} },
        });
        for (name, value) in changes.as_object().expect("changes are an object") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        self.browser.provider.sign_as(typ, &claims)
    }

    async fn post(&self, body: String) -> StatusCode {
        let request = Request::post("/backchannel-logout")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        let answer = app(&self.rp).oneshot(request).await.expect("an answer");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        answer.status()
    }
}

#[tokio::test]
async fn a_logout_token_ends_the_session_it_is_about() {
    let mut told = Told::signed_in().await;
    let other = told.token("logout+jwt", &json!({ "sid": "s2", "jti": "j0" }));
    assert_eq!(told.post(format!("logout_token={other}")).await, StatusCode::OK);
    assert_eq!(told.browser.get("/").await.body, "ada", "another session was meant");
    let token = told.token("logout+jwt", &json!({}));
    assert_eq!(told.post(format!("logout_token={token}")).await, StatusCode::OK);
    assert_eq!(told.browser.get("/").await.body, "nobody");
    assert_eq!(told.post(format!("logout_token={token}")).await, StatusCode::BAD_REQUEST);
}

/// A store that fails as often as it is told to when something is to be kept of an end.
#[derive(Clone, Default)]
struct Failing {
    kept: Arc<MemoryStore>,
    fails: Arc<AtomicUsize>,
}

#[async_trait]
impl Store for Failing {
    async fn put(&self, kind: Kind, key: &str, record: Vec<u8>, until: SystemTime) -> Result<(), StoreError> {
        let fails = |left: usize| left.checked_sub(1);
        if kind == Kind::Ended && self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails) == Ok(1) {
            return Err(StoreError("away".into()));
        }
        self.kept.put(kind, key, record, until).await
    }

    async fn get(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.kept.get(kind, key).await
    }

    async fn take(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.kept.take(kind, key).await
    }
}

#[tokio::test]
async fn a_logout_token_that_failed_may_come_again() {
    for nth in [1, 2] {
        let store = Failing::default();
        let mut told = Told::keeping(store.clone()).await;
        store.fails.store(nth, Ordering::SeqCst);
        let token = told.token("logout+jwt", &json!({}));
        let form = format!("logout_token={token}");
        assert_eq!(told.post(form.clone()).await, StatusCode::SERVICE_UNAVAILABLE, "{nth}");
        assert_eq!(told.post(form.clone()).await, StatusCode::OK, "{nth}");
        assert_eq!(told.browser.get("/").await.body, "nobody", "{nth}");
        assert_eq!(told.post(form).await, StatusCode::BAD_REQUEST, "{nth}");
    }
}

#[tokio::test]
async fn a_logout_token_without_a_session_ends_all_of_its_user() {
    let mut told = Told::signed_in().await;
    let token = told.token("logout+jwt", &json!({ "sid": null }));
    told.rp.end_by_token(&token).await.expect("good");
    assert_eq!(told.browser.get("/").await.body, "nobody");
}

#[tokio::test]
async fn t219_a_logout_token_that_is_none_ends_nothing() {
    let mut told = Told::signed_in().await;
    let now = provider::now();
    for (typ, changes, wrong) in [
        ("logout+jwt", json!({ "nonce": "n" }), "nonce"),
        ("logout+jwt", json!({ "events": null }), "events"),
        ("logout+jwt", json!({ "events": {} }), "events"),
        ("logout+jwt", json!({ "events": { EVENT: true } }), "events"),
        ("logout+jwt", json!({ "events": [EVENT] }), "events"),
        ("JWT", json!({}), "typ"),
        ("at+jwt", json!({}), "typ"),
        ("logout+jwt", json!({ "aud": "other-app" }), "aud"),
        ("logout+jwt", json!({ "aud": ["my-app", "other-app"] }), "aud"),
        ("logout+jwt", json!({ "iss": "https://evil.example" }), "iss"),
        ("logout+jwt", json!({ "exp": now - 61 }), "exp"),
        ("logout+jwt", json!({ "exp": null }), "exp"),
        ("logout+jwt", json!({ "iat": now + 120 }), "iat"),
        ("logout+jwt", json!({ "jti": null }), "jti"),
        ("logout+jwt", json!({ "sub": null, "sid": null }), "sub"),
        ("logout+jwt", json!({ "sid": 7 }), "sid"),
    ] {
        let refused = told.rp.end_by_token(&told.token(typ, &changes)).await.expect_err(wrong);
        assert!(matches!(refused, LogoutError::Claim(claim) if claim == wrong), "{refused}, not {wrong}");
    }
    let token = told.token("logout+jwt", &json!({}));
    let altered = format!("{}AAAA", &token[..token.len() - 4]);
    assert!(matches!(told.rp.end_by_token(&altered).await, Err(LogoutError::Token(_))));
    for body in ["", "logout_token=", "logout_token=a.b.c", &format!("logout_token={token}&logout_token={token}")] {
        assert_eq!(told.post(body.to_owned()).await, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(told.browser.get("/").await.body, "ada");

    told.rp.end_by_token(&token).await.expect("good");
    assert!(matches!(told.rp.end_by_token(&token).await, Err(LogoutError::Replayed)));
}

#[tokio::test]
async fn t220_a_frame_ends_the_session_that_it_names_and_no_other() {
    let mut told = Told::signed_in().await;
    let iss: String = url::form_urlencoded::byte_serialize(told.browser.provider.url.as_bytes()).collect();
    for foreign in [
        String::new(),
        format!("iss={iss}"),
        "sid=s1".to_owned(),
        format!("iss={iss}&sid=s2"),
        "iss=https%3A%2F%2Fevil.example&sid=s1".to_owned(),
        format!("iss={iss}&sid=s1&sid=s2"),
    ] {
        let seen = told.browser.get(&format!("/frontchannel-logout?{foreign}")).await;
        assert_eq!(seen.status, StatusCode::OK, "{foreign}");
        assert_eq!(told.browser.get("/").await.body, "ada", "{foreign}");
    }
    let right = format!("/frontchannel-logout?iss={iss}&sid=s1");
    assert_eq!(told.browser.other().get(&right).await.status, StatusCode::OK);
    assert_eq!(told.browser.get("/").await.body, "ada", "another browser");
    told.browser.get(&right).await;
    assert!(told.browser.cookies.is_empty());
    assert_eq!(told.browser.get("/").await.body, "nobody");
}

#[tokio::test]
async fn who_did_not_ask_to_hear_of_it_is_not_told() {
    let mut browser = Browser::new().await;
    for path in ["/backchannel-logout", "/frontchannel-logout"] {
        assert_eq!(browser.call(Method::POST, path, "*/*").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
