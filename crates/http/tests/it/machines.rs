//! The endpoints for clients.

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Request, StatusCode};

use crate::{
    browser::{Browser, parameter},
    world::{Answer, World},
};

const TOKEN: &str = "/t/acme/oauth2/token";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn basic(world: &World, id: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{}", world.secret.expose())))
}

pub(crate) async fn redeemed(world: &World) -> Answer {
    let answer = Browser::new(world).arrive("acme").await;
    let code = parameter(answer.header("location"), "code").expect("a code");
    let form = format!(
        "grant_type=authorization_code&client_id=app&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier={}",
        "a".repeat(43)
    );
    world.post_with(TOKEN, &form, &[("origin", "https://app.example")]).await
}

#[tokio::test]
async fn a_client_gets_its_token_either_way() {
    let world = World::new().await;
    let header = basic(&world, "server");
    let one = world.post_with(TOKEN, "grant_type=client_credentials", &[("authorization", &header)]).await;
    let form = format!("grant_type=client_credentials&client_id=server&client_secret={}", world.secret.expose());
    let other = world.post(TOKEN, &form).await;
    for answer in [one, other] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.json()["token_type"], "Bearer");
    }
}

#[tokio::test]
async fn a_failed_try_with_the_header_hears_how_to_try() {
    let world = World::new().await;
    let wrong = world.post_with(TOKEN, "grant_type=client_credentials", &[("authorization", "Basic !!")]).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::UNAUTHORIZED, &"invalid_client".into()));
    assert_eq!(wrong.header("www-authenticate"), "Basic realm=\"https://id.example/t/acme\", charset=\"UTF-8\"");
    let posted = world.post(TOKEN, "grant_type=client_credentials&client_id=server&client_secret=x").await;
    assert_eq!((posted.status, posted.header("www-authenticate")), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!(posted.json(), wrong.json());
}

#[tokio::test]
async fn bodies_that_are_no_plain_form_are_refused() {
    let world = World::new().await;
    let kinds = [
        "application/json",
        "multipart/form-data",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-7",
        "",
    ];
    for kind in kinds {
        for path in [TOKEN, "/t/acme/oauth2/revoke", "/t/acme/oauth2/introspect", "/t/acme/oauth2/authorize"] {
            let request = Request::post(path).header("content-type", kind).body(Body::from("a=b")).expect("a request");
            assert_eq!(world.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind} {path}");
        }
    }
    let request = Request::post(TOKEN).header("content-type", FORM).header("content-encoding", "gzip");
    let answer = world.send(request.body(Body::from("a=b")).expect("a request")).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, &"invalid_request".into())
    );
    let utf8 = Request::post(TOKEN).header("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    let answer = world.send(utf8.body(Body::from("grant_type=x&client_id=app")).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_too_large_is_not_read() {
    let world = World::new().await;
    let large = world.post(TOKEN, &format!("a={}", "x".repeat(64 * 1024))).await;
    assert_eq!((large.status, &large.json()["error"]), (StatusCode::PAYLOAD_TOO_LARGE, &"invalid_request".into()));
    let announced = Request::post(TOKEN).header("content-type", FORM).header("content-length", "1000000");
    let answer = world.send(announced.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let world = World::new().await;
    let pieces = [Ok("grant_type="), Err(std::io::Error::other("gone"))];
    let request = Request::post(TOKEN).header("content-type", FORM);
    let answer = world.send(request.body(Body::from_stream(futures::stream::iter(pieces))).expect("a request")).await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
}

#[tokio::test]
async fn secrets_in_a_url_are_refused() {
    let world = World::new().await;
    for query in ["client_secret=x", "code=x", "client_id=app", "refresh_token=x", "token=x", "code_verifier=x"] {
        let answer = world.post(&format!("{TOKEN}?{query}"), "grant_type=client_credentials&client_id=server").await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_not_our_clients_fault() {
    let world = World::new().await;
    let header = basic(&world, "server");
    world.store.take_away(true);
    let answer = world.post_with(TOKEN, "grant_type=client_credentials", &[("authorization", &header)]).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"temporarily_unavailable".into())
    );
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), ("2", "no-store"));
    let page = world.look(&format!("/t/acme/oauth2/authorize?{}", crate::browser::request())).await;
    assert_eq!((page.status, page.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"));
    world.store.take_away(false);
    let answer = world.post_with(TOKEN, "grant_type=client_credentials", &[("authorization", &header)]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn user_info_by_header_and_by_form() {
    let world = World::new().await;
    let tokens = redeemed(&world).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let token = tokens.json()["access_token"].as_str().expect("a token").to_owned();
    let path = "/t/acme/oauth2/userinfo";
    for scheme in ["Bearer", "bearer"] {
        let request = Request::get(path).header("authorization", format!("{scheme} {token}")).body(Body::empty());
        let answer = world.send(request.expect("a request")).await;
        assert_eq!((answer.status, &answer.json()["email"]), (StatusCode::OK, &"ada@example.com".into()));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let posted = world.post(path, &format!("access_token={token}")).await;
    assert_eq!((posted.status, &posted.json()["email_verified"]), (StatusCode::OK, &true.into()));
    let empty = Request::post(path).header("authorization", format!("Bearer {token}")).body(Body::empty());
    assert_eq!(world.send(empty.expect("a request")).await.status, StatusCode::OK);
    let header = format!("Bearer {token}");
    let twice = world.post_with(path, &format!("access_token={token}"), &[("authorization", &header)]).await;
    assert_eq!((twice.status, &twice.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
    let url = world.get(&format!("{path}?access_token={token}")).await;
    assert_eq!((url.status, &url.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
    let foreign = Request::get("/t/globex/oauth2/userinfo").header("authorization", header).body(Body::empty());
    let foreign = world.send(foreign.expect("a request")).await;
    assert_eq!((foreign.status, &foreign.json()["error"]), (StatusCode::UNAUTHORIZED, &"invalid_token".into()));
}

#[tokio::test]
async fn user_info_challenges_by_the_book() {
    let world = World::new().await;
    let path = "/t/acme/oauth2/userinfo";
    let missing = world.get(path).await;
    assert_eq!(missing.status, StatusCode::UNAUTHORIZED);
    assert_eq!(missing.header("www-authenticate"), "Bearer realm=\"https://id.example/t/acme\"");
    let bad = Request::get(path).header("authorization", "Bearer abc").body(Body::empty()).expect("a request");
    let bad = world.send(bad).await;
    assert_eq!(bad.status, StatusCode::UNAUTHORIZED);
    assert!(bad.header("www-authenticate").contains("error=\"invalid_token\""));
    for odd in ["Bearer a\tb", "Bearer ", "Bearer a b"] {
        let request = Request::get(path).header("authorization", odd).body(Body::empty()).expect("a request");
        let answer = world.send(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{odd:?}");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""), "{odd:?}");
    }
}

#[tokio::test]
async fn tokens_are_introspected_and_revoked() {
    let world = World::new().await;
    let token = redeemed(&world).await.json()["access_token"].as_str().expect("a token").to_owned();
    let header = basic(&world, "server");
    let ask = format!("token={token}");
    let own = world.post("/t/acme/oauth2/revoke", &format!("token={token}&client_id=app")).await;
    assert_eq!((own.status, own.header("cache-control")), (StatusCode::OK, "no-store"));
    let told = world.post_with("/t/acme/oauth2/introspect", &ask, &[("authorization", &header)]).await;
    assert_eq!((told.status, &told.json()["active"]), (StatusCode::OK, &false.into()));
    assert_eq!(world.post("/t/acme/oauth2/introspect", &ask).await.status, StatusCode::UNAUTHORIZED);
}
