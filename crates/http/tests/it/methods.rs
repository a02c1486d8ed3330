//! Methods that an address does not take.

use axum::body::Body;
use http::{Method, Request, StatusCode};

use crate::world::World;

const ADDRESSES: [(&str, &[&str]); 16] = [
    ("/t/acme/.well-known/openid-configuration", &["GET", "HEAD", "OPTIONS"]),
    ("/.well-known/oauth-authorization-server/t/acme", &["GET", "HEAD", "OPTIONS"]),
    ("/t/acme/oauth2/jwks", &["GET", "HEAD", "OPTIONS"]),
    ("/t/acme/oauth2/authorize", &["GET", "POST"]),
    ("/t/acme/oauth2/token", &["POST", "OPTIONS"]),
    ("/t/acme/oauth2/revoke", &["POST", "OPTIONS"]),
    ("/t/acme/oauth2/introspect", &["POST"]),
    ("/t/acme/oauth2/userinfo", &["GET", "POST", "OPTIONS"]),
    ("/t/acme/oauth2/logout", &["GET", "POST"]),
    ("/t/acme/signin", &["GET", "POST"]),
    ("/t/acme/password", &["GET", "POST"]),
    ("/t/acme/consent", &["POST"]),
    ("/t/acme/signout", &["POST"]),
    ("/t/acme/", &["GET"]),
    ("/livez", &["GET", "HEAD", "OPTIONS"]),
    ("/", &["GET"]),
];

#[tokio::test]
async fn other_methods_hear_which_ones_would_do() {
    let world = World::new().await;
    for (path, methods) in ADDRESSES {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let request = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method")).uri(path);
            let answer = world.send(request.body(Body::empty()).expect("a request")).await;
            if methods.contains(&method) {
                assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            } else {
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert_eq!(answer.header("allow"), methods.join(", "), "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_pages_have_no_preflight() {
    let world = World::new().await;
    let request = Request::builder().method("OPTIONS").uri("/t/acme/oauth2/authorize");
    let request = request.header("origin", "https://app.example").header("access-control-request-method", "GET");
    let answer = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn t277_the_admin_api_is_not_spoken_here() {
    let world = World::new().await;
    for path in
        ["/chancery.admin.v1.TenantService/ListTenants", "/grpc.health.v1.Health/Check", "/t/acme/chancery.admin.v1"]
    {
        for content_type in ["application/grpc", "application/grpc-web", "application/grpc-web-text+proto"] {
            let request = Request::post(path).header("content-type", content_type).header("te", "trailers");
            let answer = world.send(request.body(Body::from("\0\0\0\0\0")).expect("a request")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{content_type} {path}");
        }
    }
}
