//! How proofs of possession come and nonces go (RFC 9449).

use axum::body::Body;
use chancery_domain::{secret::base64url, time::Clock, vocabulary::Algorithm};
use chancery_testkit::client_jose::FakeClientKey;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    browser::{Browser, parameter},
    machines::basic,
    world::{Answer, World},
};

const TOKEN: &str = "/t/acme/oauth2/token";
const USERINFO: &str = "/t/acme/oauth2/userinfo";
const ALGORITHMS: &str = "algs=\"ES256 ES384 ES512 EdDSA PS256 PS384 PS512\"";

fn key() -> FakeClientKey {
    FakeClientKey::new("a key", Algorithm::Es256)
}

fn proof(world: &World, method: &str, path: &str, more: &Value) -> String {
    let mut said = json!({
        "jti": "a proof", "htm": method, "htu": format!("https://id.example{path}"), "iat": world.clock.now().seconds(),
    });
    said.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    key().prove(&said)
}

/// What the token endpoint says to a client for itself.
async fn by_itself(world: &World, headers: &[(&str, &str)]) -> Answer {
    let own = basic(world, "server");
    let headers = [&[("authorization", own.as_str())], headers].concat();
    world.post_with(TOKEN, "grant_type=client_credentials", &headers).await
}

/// An access token of the user that is bound to the key.
async fn bound(world: &World) -> String {
    let answer = Browser::new(world).arrive("acme").await;
    let code = parameter(answer.header("location"), "code").expect("a code");
    let form = format!(
        "grant_type=authorization_code&client_id=app&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier={}",
        "a".repeat(43)
    );
    let answer = world.post_with(TOKEN, &form, &[("dpop", &proof(world, "POST", TOKEN, &json!({})))]).await;
    assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.body);
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

async fn ask(world: &World, authorization: &str, proofs: &[&str]) -> Answer {
    let mut request =
        Request::get(USERINFO).header("authorization", authorization).header("origin", "https://app.example");
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    world.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn t137_the_headers_are_told_apart_at_the_door() {
    let world = World::new().await;
    let good = proof(&world, "POST", TOKEN, &json!({}));
    let refused = by_itself(&world, &[("dpop", &good), ("dpop", &good)]).await;
    assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_dpop_proof".into()));
    assert_eq!((refused.header("cache-control"), refused.header("dpop-nonce")), ("no-store", ""));
    let tokens = by_itself(&world, &[("dpop", &good)]).await;
    assert_eq!((tokens.status, &tokens.json()["token_type"]), (StatusCode::OK, &"DPoP".into()));
    assert_eq!(tokens.header("dpop-nonce"), "", "nobody asked for one");
}

#[tokio::test]
async fn t133_whoever_needs_a_nonce_gets_it_with_the_refusal() {
    let world = World::new().await;
    let stale = json!({ "iat": 1 });
    let refused = by_itself(&world, &[("dpop", &proof(&world, "POST", TOKEN, &stale))]).await;
    assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::BAD_REQUEST, &"use_dpop_nonce".into()));
    let with = json!({ "iat": 1, "nonce": refused.header("dpop-nonce") });
    let tokens = by_itself(&world, &[("dpop", &proof(&world, "POST", TOKEN, &with))]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
}

#[tokio::test]
async fn t135_t136_userinfo_names_the_scheme_that_a_token_is_for() {
    let world = World::new().await;
    let token = bound(&world).await;
    let ath = base64url(&Sha256::digest(&token));
    let proof = |more: Value| proof(&world, "GET", USERINFO, &more);
    for (scheme, proofs, error) in [
        ("Bearer", vec![], "invalid_token"),
        ("Bearer", vec![proof(json!({ "ath": ath }))], "invalid_token"),
        ("DPoP", vec![], "invalid_dpop_proof"),
        ("DPoP", vec![proof(json!({}))], "invalid_dpop_proof"),
        ("DPoP", vec![proof(json!({ "ath": ath, "iat": 1 }))], "use_dpop_nonce"),
    ] {
        let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
        let refused = ask(&world, &format!("{scheme} {token}"), &proofs).await;
        assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::UNAUTHORIZED, &error.into()), "{scheme}");
        let challenge = refused.header("www-authenticate");
        let begin = format!("DPoP realm=\"https://id.example/t/acme\", error=\"{error}\"");
        assert!(challenge.starts_with(&begin) && challenge.ends_with(ALGORITHMS), "{challenge}");
        assert_eq!(refused.header("dpop-nonce").is_empty(), error != "use_dpop_nonce");
        let exposed = "www-authenticate, retry-after, dpop-nonce";
        assert_eq!(refused.header("access-control-expose-headers"), exposed);
    }
    let told = ask(&world, &format!("dpop {token}"), &[&proof(json!({ "ath": ath, "jti": "another" }))]).await;
    assert_eq!((told.status, told.header("dpop-nonce")), (StatusCode::OK, ""), "{}", told.body);
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_is_asked_for_by_itself() {
    let world = World::new().await;
    let plain = crate::machines::redeemed(&world).await.json()["access_token"].as_str().expect("a token").to_owned();
    let ath = base64url(&Sha256::digest(&plain));
    let refused =
        ask(&world, &format!("DPoP {plain}"), &[&proof(&world, "GET", USERINFO, &json!({ "ath": ath }))]).await;
    assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::UNAUTHORIZED, &"invalid_token".into()));
    assert!(refused.header("www-authenticate").starts_with("Bearer realm="), "{}", refused.header("www-authenticate"));
    assert_eq!(ask(&world, &format!("Bearer {plain}"), &[]).await.status, StatusCode::OK);
}
