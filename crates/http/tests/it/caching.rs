//! Metadata and keys: the same document at each address, kept as long as it may be.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};

use crate::world::{Answer, World};

const FORMS: [&str; 4] = [
    "/t/acme/.well-known/openid-configuration",
    "/t/acme/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/t/acme",
    "/.well-known/oauth-authorization-server/t/acme",
];

#[tokio::test]
async fn each_form_gives_the_same_issuer() {
    let world = World::new().await;
    for path in FORMS {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.json()["issuer"], "https://id.example/t/acme", "{path}");
    }
}

#[tokio::test]
async fn a_base_path_is_served_as_it_stands_in_the_public_url() {
    let world = World::at("https://id.example/sso", "/sso").await;
    let forms = [
        "/sso/t/acme/.well-known/openid-configuration",
        "/sso/t/acme/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration/sso/t/acme",
        "/.well-known/oauth-authorization-server/sso/t/acme",
    ];
    for path in forms {
        assert_eq!(world.get(path).await.json()["issuer"], "https://id.example/sso/t/acme", "{path}");
    }
    assert_eq!(world.get(FORMS[0]).await.status, StatusCode::NOT_FOUND);
    for path in ["/", "/sso", "/sso/", "/sso/t/acme", "/sso/t/acme/"] {
        assert_eq!(world.look(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn forged_headers_change_nothing() {
    let world = World::new().await;
    let plain = world.get(FORMS[0]).await;
    let request = Request::get(FORMS[0])
        .header("host", "id.example")
        .header("forwarded", "host=evil.example;proto=http")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-prefix", "/evil");
    let forged = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(plain.body, forged.body);
    assert!(!forged.body.contains("evil"));
}

#[tokio::test]
async fn who_has_the_document_gets_no_second_copy() {
    let world = World::new().await;
    for path in [FORMS[0], "/t/acme/oauth2/jwks"] {
        let etag = world.get(path).await.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 10, "strong: {etag}");
        for known in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
            let answer = conditional(&world, path, &known).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!((answer.body.as_str(), answer.header("etag")), ("", etag.as_str()));
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
        }
        assert_eq!(conditional(&world, path, "\"other\"").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_range_gets_the_whole_document() {
    let world = World::new().await;
    let request = Request::get(FORMS[0]).header("range", "bytes=0-3").body(Body::empty());
    assert_eq!(world.send(request.expect("a request")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_that_may_be_out_of_date_are_not_published() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(3601));
    let answer = world.get("/t/acme/oauth2/jwks").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((answer.header("cache-control"), answer.header("retry-after")), ("no-store", "2"));
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

async fn conditional(world: &World, path: &str, known: &str) -> Answer {
    let request = Request::get(path).header("if-none-match", known).body(Body::empty());
    world.send(request.expect("a request")).await
}
