//! How keys are fetched, kept and done without.

use std::time::Duration;

use chancery_resource_server::{
    Algorithm, Rejection, Verifier,
    provider::{Options, Provider},
};
use serde_json::json;

use crate::issuer::{Issuer, SigningKey};

async fn issuer_with(key: &SigningKey) -> Issuer {
    let issuer = Issuer::start().await;
    issuer.publish(key);
    issuer
}

async fn verify(verifier: &Verifier, issuer: &Issuer, key: &SigningKey) -> Result<(), Rejection> {
    verifier.verify(&key.sign(&issuer.claims(json!({})))).await.map(drop)
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_for_a_new_one() {
    let (old, new) = (SigningKey::new("old", Algorithm::Es256), SigningKey::new("new", Algorithm::Es256));
    let issuer = issuer_with(&old).await;
    let verifier = issuer.verifier().build().expect("built");
    for _ in 0..10 {
        assert_eq!(verify(&verifier, &issuer, &old).await, Ok(()));
    }
    assert_eq!(issuer.published().fetches, 1);
    issuer.publish(&new);
    assert_eq!(verify(&verifier, &issuer, &new).await, Ok(()));
    assert_eq!(verify(&verifier, &issuer, &old).await, Ok(()));
    assert_eq!(issuer.published().fetches, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unknown_keys_is_one_fetch() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let issuer = issuer_with(&key).await;
    let verifier = issuer.verifier().build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
    let flood: Vec<_> = (0..50)
        .map(|n| {
            let (verifier, issuer) = (verifier.clone(), issuer.clone());
            tokio::spawn(async move {
                verify(&verifier, &issuer, &SigningKey::new(&format!("bad{n}"), Algorithm::Es256)).await
            })
        })
        .collect();
    for one in flood {
        assert_eq!(one.await.expect("ran"), Err(Rejection::UnknownKey));
    }
    assert_eq!(issuer.published().fetches, 2);
    assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()), "known keys go on");
}

#[tokio::test]
async fn after_the_cool_down_an_unknown_key_is_looked_for_again() {
    let (key, late) = (SigningKey::new("k", Algorithm::Es256), SigningKey::new("late", Algorithm::Es256));
    let issuer = issuer_with(&key).await;
    let verifier = issuer.verifier().cool_down(Duration::from_millis(200)).build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
    assert_eq!(verify(&verifier, &issuer, &late).await, Err(Rejection::UnknownKey));
    issuer.publish(&late);
    assert_eq!(verify(&verifier, &issuer, &late).await, Err(Rejection::UnknownKey), "too soon");
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(verify(&verifier, &issuer, &late).await, Ok(()));
}

#[tokio::test]
async fn a_key_that_is_taken_back_is_believed_no_longer_than_max_age() {
    let (bad, good) = (SigningKey::new("bad", Algorithm::Es256), SigningKey::new("good", Algorithm::Es256));
    let issuer = issuer_with(&bad).await;
    issuer.published().max_age = 1;
    let verifier = issuer.verifier().build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &bad).await, Ok(()));
    issuer.published().jwks = vec![good.jwk()];
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(verify(&verifier, &issuer, &bad).await, Err(Rejection::UnknownKey));
}

#[tokio::test]
async fn the_last_good_keys_serve_while_the_issuer_is_ill() {
    for illness in ["<html>", r#"{"keys":[]}"#, "", &format!("{{\"keys\":[\"{}\"]}}", "x".repeat(1_000_000))] {
        let key = SigningKey::new("k", Algorithm::Es256);
        let issuer = issuer_with(&key).await;
        issuer.published().max_age = 1;
        let verifier = issuer.verifier().build().expect("built");
        let forgetful = issuer.verifier().outage(Duration::ZERO).build().expect("built");
        assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
        assert_eq!(verify(&forgetful, &issuer, &key).await, Ok(()));
        issuer.published().broken = Some(illness.to_owned());
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
        assert_eq!(verify(&forgetful, &issuer, &key).await, Err(Rejection::Unavailable));
        let stranger = SigningKey::new("other", Algorithm::Es256);
        assert_eq!(verify(&verifier, &issuer, &stranger).await, Err(Rejection::UnknownKey));
    }
}

#[tokio::test]
async fn an_issuer_that_is_away_heals_by_itself() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let issuer = issuer_with(&key).await;
    issuer.published().broken = Some("<html>".to_owned());
    let verifier = issuer.verifier().build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &key).await, Err(Rejection::Unavailable));
    issuer.published().broken = None;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
}

#[tokio::test]
async fn an_issuer_speaks_for_itself_alone() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let issuer = issuer_with(&key).await;
    issuer.published().alias = Some("https://id.example/t/acme".to_owned());
    let verifier = issuer.verifier().build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &key).await, Err(Rejection::Unavailable));
    let provider = Provider::new(&issuer.url, Options::default()).expect("an issuer");
    assert!(provider.metadata().await.is_err_and(|error| error.to_string().contains("speaks for another issuer")));
}

#[tokio::test]
async fn keys_for_something_else_are_passed_over() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let issuer = issuer_with(&key).await;
    let mut foreign = vec![
        json!({ "kty": "oct", "kid": "k", "k": "AAAA" }),
        json!({ "kty": "AKP", "kid": "pq", "alg": "ML-DSA-44", "pub": "AAAA" }),
        json!({ "kty": "EC", "kid": "short", "crv": "P-256", "x": "AA", "y": "AA" }),
        json!("nonsense"),
    ];
    let mut encryption = SigningKey::new("enc", Algorithm::Es256).jwk();
    encryption["use"] = "enc".into();
    foreign.push(encryption);
    issuer.published().jwks.splice(0..0, foreign);
    let verifier = issuer.verifier().build().expect("built");
    assert_eq!(verify(&verifier, &issuer, &key).await, Ok(()));
    let short = SigningKey::new("short", Algorithm::Es256);
    assert_eq!(verify(&verifier, &issuer, &short).await, Err(Rejection::UnknownKey));
}
