//! UserInfo and introspection in the forms that clients register, and what they refuse.

use axum::body::Body;
use chancery_domain::{client::Client, ports::store::Store, time::Clock, vocabulary::Algorithm};
use http::{Request, StatusCode};

use crate::{
    machines::{basic, redeemed},
    world::{Answer, World},
};

const USERINFO: &str = "/t/acme/oauth2/userinfo";
const INTROSPECT: &str = "/t/acme/oauth2/introspect";
const JWT: &str = "application/token-introspection+jwt";

async fn token(world: &World) -> String {
    redeemed(world).await.json()["access_token"].as_str().expect("a token").to_owned()
}

/// Changes what a client registered.
async fn register(world: &World, id: &str, change: impl FnOnce(&mut Client)) {
    let tx = Store::begin(&world.store, world.tenants["acme"]).await.expect("begun");
    let mut client = tx.clients().find(&id.parse().expect("an id")).await.expect("read").expect("there");
    change(&mut client);
    tx.clients().update(&client, world.clock.now()).await.expect("written");
    tx.commit().await.expect("durable");
}

async fn bearing(world: &World, header: &str) -> Answer {
    let request = Request::get(USERINFO).header("authorization", header).body(Body::empty());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn p036_signed_userinfo_is_a_jwt_by_its_type() {
    let world = World::new().await;
    let token = token(&world).await;
    register(&world, "app", |app| app.metadata.tokens.userinfo_signing = Some(Algorithm::Es256)).await;
    let answer = bearing(&world, &format!("Bearer {token}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/jwt"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.body.split('.').count(), 3);
}

#[tokio::test]
async fn t255_an_access_token_in_a_url_is_refused() {
    let world = World::new().await;
    let token = token(&world).await;
    let answer = world.get(&format!("{USERINFO}?access_token={token}")).await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
    assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""));
    assert!(!answer.body.contains(&token));
}

#[tokio::test]
async fn t256_a_good_token_without_openid_is_forbidden() {
    let world = World::new().await;
    let form = "grant_type=client_credentials";
    let header = basic(&world, "server");
    let token = world.post_with("/t/acme/oauth2/token", form, &[("authorization", &header)]).await;
    let token = token.json()["access_token"].as_str().expect("a token").to_owned();
    let answer = bearing(&world, &format!("Bearer {token}")).await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::FORBIDDEN, &"insufficient_scope".into()));
    assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\""));
}

#[tokio::test]
async fn t257_odd_authorization_headers_open_nothing() {
    let world = World::new().await;
    let token = token(&world).await;
    let long = format!("Bearer {}", "a".repeat(64 * 1024));
    for odd in [
        format!("Bearer\t{token}"),
        format!("Bearer {token}\t"),
        format!("Bearer {token}, Basic eDp5"),
        format!("Basic eDp5, Bearer {token}"),
        format!("Bearer Bearer {token}"),
        long,
    ] {
        let answer = bearing(&world, &odd).await;
        let refused = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED].contains(&answer.status);
        assert!(refused, "{}: {}", odd.chars().take(40).collect::<String>(), answer.status);
    }
}

#[tokio::test]
async fn t261_a_signed_introspection_answer_is_refused_to_an_ordinary_client() {
    let world = World::new().await;
    let form = format!("token={}", token(&world).await);
    let header = basic(&world, "server");
    let headers = [("authorization", header.as_str()), ("accept", JWT)];
    let refused = world.post_with(INTROSPECT, &form, &headers).await;
    assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::BAD_REQUEST, &"unauthorized_client".into()));
    let unproven = world.post_with(INTROSPECT, &form, &[("accept", JWT)]).await;
    assert_eq!((unproven.status, &unproven.json()["error"]), (StatusCode::UNAUTHORIZED, &"invalid_client".into()));

    register(&world, "server", |server| server.metadata.tokens.introspection_signing = Some(Algorithm::Es256)).await;
    let told = world.post_with(INTROSPECT, &form, &headers).await;
    assert_eq!((told.status, told.header("content-type")), (StatusCode::OK, JWT));
    let plain = world.post_with(INTROSPECT, &form, &headers[..1]).await;
    assert_eq!(plain.header("content-type"), "application/json");
}
