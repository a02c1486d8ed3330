//! Pages of other origins.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::world::{Answer, World};

async fn preflight(world: &World, path: &str, origin: &str) -> Answer {
    let request = Request::builder().method("OPTIONS").uri(path).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    world.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn only_a_registered_origin_reads_the_answer() {
    let world = World::new().await;
    for path in ["/t/acme/oauth2/token", "/t/acme/oauth2/revoke"] {
        let listed = world.post_with(path, "client_id=app", &[("origin", "https://app.example")]).await;
        assert_eq!(listed.header("access-control-allow-origin"), "https://app.example", "{path}");
        assert_eq!(listed.header("vary"), "origin");
        assert_eq!(listed.header("access-control-allow-credentials"), "");
        for (origin, client) in [("https://evil.example", "app"), ("null", "app"), ("https://app.example", "server")] {
            let other = world.post_with(path, &format!("client_id={client}"), &[("origin", origin)]).await;
            assert_eq!(other.header("access-control-allow-origin"), "", "{origin} {client}");
        }
    }
    let introspect =
        world.post_with("/t/acme/oauth2/introspect", "client_id=server", &[("origin", "https://app.example")]).await;
    assert_eq!(introspect.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_preflight_lets_a_page_send_but_not_read() {
    let world = World::new().await;
    for path in ["/t/acme/oauth2/token", "/t/acme/oauth2/revoke", "/t/acme/oauth2/userinfo"] {
        let answer = preflight(&world, path, "https://app.example").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type, dpop");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        for origin in ["null", "file://", "https://app.example/path", "garbage", "https://evil.example"] {
            let answer = preflight(&world, path, origin).await;
            assert_eq!((answer.status, answer.header("vary")), (StatusCode::NO_CONTENT, "origin"), "{origin}");
            for name in ["access-control-allow-origin", "access-control-allow-methods", "access-control-max-age"] {
                assert_eq!(answer.header(name), "", "{origin}");
            }
        }
    }
    let document = preflight(&world, "/t/acme/oauth2/jwks", "https://any.example").await;
    assert_eq!(document.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn user_info_answers_the_pages_of_the_tokens_client() {
    let world = World::new().await;
    // Bad as it is, this token says whose pages may hear so.
    let claims = chancery_domain::secret::base64url(br#"{"client_id":"app"}"#);
    for (origin, allowed) in
        [("https://app.example", "https://app.example"), ("https://evil.example", ""), ("null", "")]
    {
        let request = Request::get("/t/acme/oauth2/userinfo")
            .header("authorization", format!("Bearer x.{claims}.x"))
            .header("origin", origin);
        let answer = world.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
}
