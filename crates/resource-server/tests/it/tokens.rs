//! Which tokens pass, and what is said of the others.

use std::time::{Duration, UNIX_EPOCH};

use chancery_resource_server::{Algorithm, Principal, Rejection, Verifier};
use serde_json::{Value, json};

use crate::issuer::{Issuer, NOW, SigningKey, system_now};

struct Scene {
    issuer: Issuer,
    key: SigningKey,
    verifier: Verifier,
}

impl Scene {
    async fn new() -> Self {
        let (issuer, key) = (Issuer::start().await, SigningKey::new("k1", Algorithm::Es256));
        issuer.publish(&key);
        let verifier = issuer.verifier().build().expect("built");
        Self { issuer, key, verifier }
    }

    async fn refusal(&self, changes: Value) -> Option<Rejection> {
        self.verifier.verify(&self.key.sign(&self.issuer.claims(changes))).await.err()
    }
}

#[tokio::test]
async fn a_good_token_tells_who_calls() {
    let scene = Scene::new().await;
    let token = scene.key.sign(&scene.issuer.claims(json!({ "aud": ["x", "https://api.example"] })));
    let token = scene.verifier.verify(&token).await.expect("good");
    assert_eq!(token.principal(), Principal::User { subject: "ada", client_id: "web" });
    assert_eq!(token.expires_at, i64::try_from(NOW).expect("fits") + 600);
    assert!(token.require(["orders:read", "openid"]).is_ok());
    let required = vec!["orders:read".to_owned(), "orders:write".to_owned()];
    assert_eq!(token.require(&required), Err(Rejection::Scope { required }));
    assert!(!format!("{token:?}").contains("exp"), "claims are not shown");

    let own = scene.key.sign(&scene.issuer.claims(json!({ "sub": "web" })));
    let own = scene.verifier.verify(&own).await.expect("good");
    assert_eq!(own.principal(), Principal::Client { client_id: "web" });
}

#[tokio::test]
async fn every_reason_has_its_name() {
    let scene = Scene::new().await;
    let cases = [
        (json!({ "iss": "https://elsewhere.example" }), Rejection::Issuer),
        (json!({ "iss": format!("{}/", scene.issuer.url) }), Rejection::Issuer),
        (json!({ "iss": null }), Rejection::Claim("iss")),
        (json!({ "aud": "https://other.example" }), Rejection::Audience),
        (json!({ "aud": [] }), Rejection::Audience),
        (json!({ "aud": null }), Rejection::Claim("aud")),
        (json!({ "aud": [1] }), Rejection::Claim("aud")),
        (json!({ "sub": null }), Rejection::Claim("sub")),
        (json!({ "sub": "" }), Rejection::Claim("sub")),
        (json!({ "client_id": 7 }), Rejection::Claim("client_id")),
        (json!({ "jti": null }), Rejection::Claim("jti")),
        (json!({ "exp": null }), Rejection::Claim("exp")),
        (json!({ "exp": "tomorrow" }), Rejection::Claim("exp")),
        (json!({ "iat": null }), Rejection::Claim("iat")),
        (json!({ "nbf": "now" }), Rejection::Claim("nbf")),
        (json!({ "scope": ["a"] }), Rejection::Claim("scope")),
        (json!({ "exp": NOW - 60 }), Rejection::Expired),
        (json!({ "exp": 0 }), Rejection::Expired),
        (json!({ "nbf": NOW + 61 }), Rejection::NotYet),
        (json!({ "iat": NOW + 61 }), Rejection::NotYet),
    ];
    for (changes, expected) in cases {
        assert_eq!(scene.refusal(changes.clone()).await, Some(expected), "{changes}");
    }
    for fine in [json!({ "exp": NOW - 59 }), json!({ "nbf": NOW + 59 }), json!({ "iat": NOW + 60 })] {
        assert_eq!(scene.refusal(fine.clone()).await, None, "{fine}");
    }
}

#[tokio::test]
async fn t113_t114_a_time_that_is_no_whole_number_of_seconds_is_none() {
    let scene = Scene::new().await;
    let fraction = f64::from(u32::try_from(NOW).expect("fits")) + 0.5;
    for (claim, expected) in [("exp", "exp"), ("iat", "iat"), ("nbf", "nbf")] {
        for time in [json!(u64::MAX), json!(1e18), json!(-1e18), json!(fraction), json!(fraction.floor())] {
            assert_eq!(scene.refusal(json!({ claim: time })).await, Some(Rejection::Claim(expected)), "{claim} {time}");
        }
    }
}

#[tokio::test]
async fn t136_t139_a_token_that_is_bound_to_a_key_is_of_no_use_by_itself() {
    let scene = Scene::new().await;
    for bound in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!({}), json!(true)] {
        assert_eq!(scene.refusal(json!({ "cnf": bound })).await, Some(Rejection::Bound), "{bound}");
    }
    assert_eq!(Rejection::Bound.status(), 401);
    assert!(Rejection::Bound.challenge().is_some_and(|text| text.contains("error=\"invalid_token\"")));
}

#[tokio::test]
async fn only_access_tokens_are_access_tokens() {
    let scene = Scene::new().await;
    let claims = scene.issuer.claims(json!({}));
    for typ in [json!("JWT"), json!("logout+jwt"), json!(null)] {
        let mut header = json!({ "alg": "ES256", "kid": "k1", "typ": typ });
        header.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let refusal = scene.verifier.verify(&scene.key.sign_as(&header, &claims)).await.err();
        assert_eq!(refusal, Some(Rejection::Type), "{header}");
    }
    let long = json!({ "alg": "ES256", "kid": "k1", "typ": "application/at+jwt" });
    assert!(scene.verifier.verify(&scene.key.sign_as(&long, &claims)).await.is_ok());
}

#[tokio::test]
async fn the_algorithm_is_that_of_the_key() {
    let scene = Scene::new().await;
    let claims = scene.issuer.claims(json!({}));
    let header = |alg: &str| json!({ "alg": alg, "kid": "k1", "typ": "at+jwt" });
    for alg in ["none", "HS256", "RS256", "ES384"] {
        let refusal = scene.verifier.verify(&scene.key.sign_as(&header(alg), &claims)).await.err();
        assert_eq!(refusal, Some(Rejection::Algorithm), "{alg}");
    }
    let strict = scene.issuer.verifier().algorithms([Algorithm::Rs256]).build().expect("built");
    assert_eq!(strict.verify(&scene.key.sign(&claims)).await.err(), Some(Rejection::Algorithm));
}

#[tokio::test]
async fn a_signature_is_by_a_published_key() {
    let scene = Scene::new().await;
    let claims = scene.issuer.claims(json!({}));
    let impostor = SigningKey::new("k1", Algorithm::Es256);
    assert_eq!(scene.verifier.verify(&impostor.sign(&claims)).await.err(), Some(Rejection::Signature));
    let stranger = SigningKey::new("k2", Algorithm::Es256);
    assert_eq!(scene.verifier.verify(&stranger.sign(&claims)).await.err(), Some(Rejection::UnknownKey));
    let mut inside = json!({ "alg": "ES256", "kid": "k2", "typ": "at+jwt" });
    inside["jwk"] = stranger.jwk();
    assert_eq!(scene.verifier.verify(&stranger.sign_as(&inside, &claims)).await.err(), Some(Rejection::UnknownKey));
    let nameless = scene.key.sign_as(&json!({ "alg": "ES256", "typ": "at+jwt" }), &claims);
    assert!(scene.verifier.verify(&nameless).await.is_ok());
}

#[tokio::test]
async fn every_algorithm_verifies() {
    let issuer = Issuer::start().await;
    let keys: Vec<_> = Algorithm::ALL.into_iter().map(|alg| SigningKey::new(alg.name(), alg)).collect();
    for key in &keys {
        issuer.publish(key);
    }
    let verifier = issuer.verifier().build().expect("built");
    for key in &keys {
        let token = key.sign(&issuer.claims(json!({})));
        assert!(verifier.verify(&token).await.is_ok(), "{}", key.kid);
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let turned: String = signature.chars().rev().collect();
        let refusal = verifier.verify(&format!("{message}.{turned}")).await.err();
        assert!(matches!(refusal, Some(Rejection::Signature | Rejection::Malformed)), "{}", key.kid);
    }
}

#[tokio::test]
async fn several_issuers_are_trusted_and_no_third() {
    let (acme, globex, evil) = (Issuer::start().await, Issuer::start().await, Issuer::start().await);
    let key = |issuer: &Issuer| {
        let key = SigningKey::new("same", Algorithm::EdDsa);
        issuer.publish(&key);
        key
    };
    let (acme_key, globex_key, evil_key) = (key(&acme), key(&globex), key(&evil));
    let verifier = acme.verifier().issuer(&globex.url).build().expect("built");
    assert!(verifier.verify(&acme_key.sign(&acme.claims(json!({})))).await.is_ok());
    assert!(verifier.verify(&globex_key.sign(&globex.claims(json!({})))).await.is_ok());
    assert_eq!(verifier.verify(&evil_key.sign(&evil.claims(json!({})))).await.err(), Some(Rejection::Issuer));
    assert_eq!(verifier.verify(&globex_key.sign(&acme.claims(json!({})))).await.err(), Some(Rejection::Signature));
    assert_eq!(evil.published().fetches, 0, "nobody calls an issuer that a token names");
}

#[tokio::test]
async fn the_standard_clock_is_the_systems() {
    let scene = Scene::new().await;
    let verifier = Verifier::builder().issuer(&scene.issuer.url).audience("https://api.example").build();
    let now = system_now();
    let token = scene.key.sign(&scene.issuer.claims(json!({ "iat": now, "exp": now + 60 })));
    assert!(verifier.expect("built").verify(&token).await.is_ok());
    let early = scene.issuer.verifier().leeway(Duration::ZERO).clock(|| UNIX_EPOCH).build().expect("built");
    assert_eq!(early.verify(&token).await.err(), Some(Rejection::NotYet));
}
