//! Axum and tonic: the same answers at both doors.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
    middleware::from_fn_with_state,
    routing::get,
};
use chancery_resource_server::{AccessToken, Algorithm, Guard, Verifier};
use serde_json::json;
use tonic::{Code, metadata::MetadataMap};
use tower::ServiceExt;

use crate::issuer::{Issuer, SigningKey};

struct Scene {
    issuer: Issuer,
    key: SigningKey,
    verifier: Verifier,
    app: Router,
}

impl Scene {
    async fn new() -> Self {
        let (issuer, key) = (Issuer::start().await, SigningKey::new("k1", Algorithm::Es256));
        issuer.publish(&key);
        let verifier = issuer.verifier().build().expect("built");
        let guard = Guard::all_of(verifier.clone(), ["orders:read", "orders:write"]);
        let app = Router::new()
            .route("/orders", get(|token: AccessToken| async move { token.subject }))
            .route_layer(from_fn_with_state(guard, Guard::check))
            .route("/me", get(|token: AccessToken| async move { token.subject }))
            .route(
                "/hello",
                get(async |token: Option<AccessToken>| token.map_or("nobody".into(), |token| token.subject)),
            )
            .with_state(verifier.clone());
        Self { issuer, key, verifier, app }
    }

    fn token(&self, changes: serde_json::Value) -> String {
        format!("Bearer {}", self.key.sign(&self.issuer.claims(changes)))
    }

    async fn get(&self, path: &str, authorization: &[&str]) -> (StatusCode, HeaderMap) {
        let mut request = Request::get(path);
        for value in authorization {
            request = request.header(header::AUTHORIZATION, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.app.clone().oneshot(request).await.expect("an answer");
        (answer.status(), answer.headers().clone())
    }
}

fn challenge(headers: &HeaderMap) -> &str {
    headers.get(header::WWW_AUTHENTICATE).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn a_handler_gets_the_token_or_the_caller_a_challenge() {
    let scene = Scene::new().await;
    let good = scene.token(json!({}));
    assert_eq!(scene.get("/me", &[&good]).await.0, StatusCode::OK);
    assert_eq!(scene.get("/me", &[&good.replace("Bearer", "bearer")]).await.0, StatusCode::OK);

    let (status, headers) = scene.get("/me", &[]).await;
    assert_eq!((status, challenge(&headers)), (StatusCode::UNAUTHORIZED, "Bearer"));
    let (status, headers) = scene.get("/me", &["Basic YTpi"]).await;
    assert_eq!((status, challenge(&headers)), (StatusCode::UNAUTHORIZED, "Bearer"));

    let (status, headers) = scene.get("/me", &[&scene.token(json!({ "exp": 1 }))]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&headers), "Bearer error=\"invalid_token\", error_description=\"the token has expired\"");

    for two in [[good.as_str(), good.as_str()], ["Bearer", good.as_str()]] {
        let (status, headers) = scene.get("/me", &two).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(challenge(&headers).starts_with("Bearer error=\"invalid_request\""));
    }
}

#[tokio::test]
async fn a_guard_asks_for_all_scopes() {
    let scene = Scene::new().await;
    let (status, headers) = scene.get("/orders", &[&scene.token(json!({}))]).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        challenge(&headers),
        "Bearer error=\"insufficient_scope\", error_description=\"the token lacks a scope\", \
         scope=\"orders:read orders:write\""
    );
    let both = scene.token(json!({ "scope": "orders:write orders:read" }));
    assert_eq!(scene.get("/orders", &[&both]).await.0, StatusCode::OK);
    assert_eq!(scene.get("/orders", &[]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_one_verifier_let_through_is_no_pass_at_another() {
    let scene = Scene::new().await;
    let other = Verifier::builder().issuer(&scene.issuer.url).audience("https://other.example").build();
    let guard = Guard::all_of(scene.verifier.clone(), ["orders:read"]);
    let app: Router = Router::new()
        .route("/", get(|_: AccessToken| async {}))
        .route_layer(from_fn_with_state(guard, Guard::check))
        .with_state(other.expect("built"));
    let request = Request::get("/").header(header::AUTHORIZATION, scene.token(json!({})));
    let answer = app.oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_may_be_optional_but_not_bad() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/hello", &[]).await.0, StatusCode::OK);
    assert_eq!(scene.get("/hello", &[&scene.token(json!({}))]).await.0, StatusCode::OK);
    assert_eq!(scene.get("/hello", &["Bearer x"]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_nobodys_fault() {
    let scene = Scene::new().await;
    scene.issuer.published().broken = Some(String::new());
    let (status, headers) = scene.get("/me", &[&scene.token(json!({}))]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(header::RETRY_AFTER));
    assert!(!headers.contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn a_grpc_call_is_authenticated_by_its_metadata() {
    let scene = Scene::new().await;
    let metadata = |token: &str| {
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", token.parse().expect("a value"));
        metadata
    };
    let good = scene.verifier.authenticate(&metadata(&scene.token(json!({})))).await.expect("good");
    assert_eq!(good.subject, "ada");
    let status = scene.verifier.authenticate(&MetadataMap::new()).await.expect_err("no token");
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.metadata().get("www-authenticate").expect("a challenge"), "Bearer");
    let denied: tonic::Status = good.require(["orders:write"]).expect_err("not allowed").into();
    assert_eq!(denied.code(), Code::PermissionDenied);
    scene.issuer.published().broken = Some(String::new());
    let fresh = scene.issuer.verifier().build().expect("built");
    let away = fresh.authenticate(&metadata(&scene.token(json!({})))).await.expect_err("away");
    assert_eq!(away.code(), Code::Unavailable);
}
