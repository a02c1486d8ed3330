//! A path names one tenant, literally, or none.

use std::time::Duration;

use http::StatusCode;

use crate::{
    browser::{Browser, parameter},
    world::{PASSWORD, World},
};

#[tokio::test]
async fn tricks_with_the_path_reach_nobody() {
    let world = World::new().await;
    let document = "/.well-known/openid-configuration";
    let tricks = [
        "/t/ACME",
        "/t/acme.",
        "/t/acme;x=1",
        "/t/acme%2f",
        "/t/%61cme",
        "/t/acme%00",
        "/t//acme",
        "//t/acme",
        "/t/globex/../acme",
        "/t/globex/%2e%2e/acme",
        "/t/globex%2f..%2facme",
        "/t/acme/",
        "/t/./acme",
        "/t/",
        "/T/acme",
        "/t/nobody",
        "/t/acme%20",
        "/t/acme\\..\\globex",
    ];
    for trick in tricks {
        let path = format!("{trick}{document}");
        let answer = world.get(&path.replace('\\', "%5c")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn an_unknown_issuer_is_told_as_the_caller_likes_it() {
    let world = World::new().await;
    let path = "/t/nobody/oauth2/authorize";
    let machine = world.get(path).await;
    assert_eq!((machine.status, &machine.json()["error"]), (StatusCode::NOT_FOUND, &"not_found".into()));
    let person = world.look(path).await;
    assert_eq!((person.status, person.error_code()), (StatusCode::NOT_FOUND, "not_found"));
}

#[tokio::test]
async fn a_suspended_issuer_keeps_its_metadata_and_refuses_the_rest() {
    let world = World::new().await;
    for path in ["/t/asleep/.well-known/openid-configuration", "/t/asleep/oauth2/jwks"] {
        assert_eq!(world.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/t/asleep/", "/t/asleep/signin", "/t/asleep/oauth2/authorize", "/t/asleep/oauth2/logout"] {
        let page = world.look(path).await;
        assert_eq!((page.status, page.error_code()), (StatusCode::FORBIDDEN, "access_denied"), "{path}");
    }
    let form = format!("grant_type=client_credentials&client_id=server&client_secret={}", world.secret.expose());
    let token = world.post("/t/asleep/oauth2/token", &form).await;
    assert_eq!((token.status, &token.json()["error"]), (StatusCode::FORBIDDEN, &"access_denied".into()));
    let form = format!("token=x&client_id=server&client_secret={}", world.secret.expose());
    assert_eq!(world.post("/t/asleep/oauth2/introspect", &form).await.json()["active"], false);
    assert_eq!(world.get("/t/asleep/oauth2/userinfo").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_tenants_browser_is_a_stranger_to_the_other() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.arrive("acme").await;
    assert!(parameter(answer.header("location"), "code").is_some());
    // A browser would not even send them there; this one does.
    let elsewhere = browser.authorize("globex", "").await;
    assert!(elsewhere.body.contains("id=\"login-submit\""), "{}", elsewhere.body);
    // A page of one tenant means nothing to the other.
    world.clock.advance(Duration::from_secs(1));
    let page = browser.authorize("acme", "&prompt=login").await;
    let foreign = browser.sign_in("globex", &page, "ada", PASSWORD).await;
    assert_eq!((foreign.status, foreign.error_code()), (StatusCode::BAD_REQUEST, "invalid_request"));
}
