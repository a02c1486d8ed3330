//! Health, and addresses where nothing is.

use std::sync::atomic::Ordering;

use http::StatusCode;

use crate::world::World;

#[tokio::test]
async fn health_says_what_a_balancer_needs() {
    let world = World::new().await;
    assert_eq!(world.get("/livez").await.status, StatusCode::OK);
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
    world.ready.store(false, Ordering::SeqCst);
    let answer = world.get("/readyz").await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::SERVICE_UNAVAILABLE, "no-store"));
    assert_eq!(world.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_nothing() {
    let world = World::new().await;
    for path in
        ["/nothing", "/t/acme/nothing", "/t/acme/oauth2/token/", "/.well-known/openid-configuration", "/favicon.ico"]
    {
        let answer = world.get(path).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::NOT_FOUND, &"not_found".into()), "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_one_clear_answer() {
    let world = World::new().await;
    let answer = world.get("/t/trouble/oauth2/jwks").await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::INTERNAL_SERVER_ERROR, &"server_error".into()));
    let page = world.look("/t/trouble/").await;
    assert_eq!((page.status, page.error_code()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert!(!page.body.contains("panic"), "{}", page.body);
}

#[tokio::test]
async fn each_answer_has_a_number_of_its_own() {
    let world = World::new().await;
    let one = world.get("/livez").await.header("x-request-id").to_owned();
    assert_ne!(one, world.get("/livez").await.header("x-request-id"));
}
