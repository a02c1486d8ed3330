//! A tenant with a host for itself is served there, and nowhere else; other hosts are not ours.

use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::world::{Answer, World};

const HOSTED: &str = "login.hosted.example";

async fn at(world: &World, host: &str, path: &str) -> Answer {
    let request = Request::get(path).header(header::HOST, host).body(Body::empty());
    world.send(request.expect("a request")).await
}

async fn status(world: &World, host: &str, path: &str) -> StatusCode {
    at(world, host, path).await.status
}

#[tokio::test]
async fn at_its_own_host_a_tenant_begins_at_the_root() {
    let world = World::new().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth2/jwks"] {
        assert_eq!(status(&world, HOSTED, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(status(&world, "LOGIN.hosted.example:8443", "/oauth2/jwks").await, StatusCode::OK);
    let page = at(&world, HOSTED, "/signin").await;
    let cookie = page.headers.get(header::SET_COOKIE).expect("a cookie").to_str().expect("text");
    assert!(cookie.starts_with("__Host-chancery-browser=") && cookie.contains("; Path=/;"), "{cookie}");
    assert_eq!(status(&world, HOSTED, "/livez").await, StatusCode::OK);
}

#[tokio::test]
async fn a_tenant_with_a_host_serves_nowhere_else_and_no_other_there() {
    let world = World::new().await;
    let (own, shared) = (HOSTED, "id.example");
    for (host, path) in [
        (shared, "/t/hosted/signin"),
        (shared, "/t/hosted/"),
        (own, "/t/hosted/oauth2/jwks"),
        (own, "/t/acme/oauth2/jwks"),
        (own, "/t/acme/.well-known/openid-configuration"),
        (own, "/../acme/oauth2/jwks"),
        (own, "//oauth2/jwks"),
        (own, "/%2e%2e/acme/oauth2/jwks"),
    ] {
        assert_eq!(status(&world, host, path).await, StatusCode::NOT_FOUND, "{path} at {host}");
    }
    assert_eq!(status(&world, shared, "/t/acme/signin").await, StatusCode::OK);
}

#[tokio::test]
async fn t165_an_unknown_host_is_misdirected_and_a_forged_one_changes_nothing() {
    let world = World::new().await;
    let path = "/t/acme/.well-known/openid-configuration";
    for host in [
        "evil.example",
        "acme.id.example",
        "id.example.evil.example",
        "id.example@evil.example",
        "",
        "login.hosted.example.",
    ] {
        let answer = at(&world, host, path).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(!answer.body.contains("evil"), "{}", answer.body);
    }
    let twice = Request::get(path).header(header::HOST, "id.example").header(header::HOST, "id.example");
    let twice = world.send(twice.body(Body::empty()).expect("a request")).await;
    assert_eq!(twice.status, StatusCode::MISDIRECTED_REQUEST);
    let plain = at(&world, "id.example", path).await;
    for host in ["ID.EXAMPLE", "id.example:443", "inside.local"] {
        assert_eq!(at(&world, host, path).await.body, plain.body, "{host}");
    }
    let forged = Request::get(path)
        .header(header::HOST, "id.example")
        .header("forwarded", "host=evil.example;proto=http")
        .header("x-forwarded-host", HOSTED)
        .header("x-forwarded-proto", "http");
    let forged = world.send(forged.body(Body::empty()).expect("a request")).await;
    assert_eq!((forged.status, forged.body), (plain.status, plain.body));
}

#[tokio::test]
async fn t180_metadata_is_that_of_the_tenant_by_every_host_and_path() {
    let world = World::new().await;
    let own = at(&world, HOSTED, "/.well-known/openid-configuration").await.body;
    for (host, path) in [
        (HOSTED, "/.well-known/oauth-authorization-server"),
        ("id.example", "/t/hosted/.well-known/openid-configuration"),
        ("id.example", "/.well-known/openid-configuration/t/hosted"),
        ("inside.local", "/.well-known/oauth-authorization-server/t/hosted"),
    ] {
        assert_eq!(at(&world, host, path).await.body, own, "{path} at {host}");
    }
}
