//! HMAC access tokens: made with a key that anybody who has the secret can derive from the token, and nobody else.

use std::sync::Arc;

use aws_lc_rs::hmac;
use chancery_domain::{
    id::{TenantId, TokenSecretId},
    ports::jose::{MacTokens, Purpose, Sealer, SignTokens, Untrusted, VerifyTokens},
    secret::{OpaqueToken, SealedSecret, TokenKind, base64url, from_base64url},
    time::Clock,
    token_secret::TokenSecret,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    hmac::{Believer, Macs},
    seal::TenantSealer,
};
use serde_json::{Value, json};

use crate::world::World;

const CLAIMS: &str =
    r#"{"sub":"alice","client_id":"shop","jti":"g.a.b","scope":"mail openid","scp":["mail","openid"]}"#;
/// What the key of that token is derived from.
const FIELDS: &str = r#"["shop","alice","mail openid","g.a.b"]"#;

/// A secret beside those, and its text.
async fn secret(world: &World, tenant: TenantId, beside: &[TokenSecret]) -> (TokenSecret, String) {
    let (random, now) = (world.cx.random.as_ref(), world.clock.now());
    let text = OpaqueToken::generate(TokenKind::TokenSecret, random);
    let id = TokenSecretId::generate(random, now);
    let own_key = TenantSealer::of(&world.cx, tenant).await.expect("a sealer");
    let sealed = own_key.seal(Purpose::TokenSecret, &TokenSecret::context(id), text.expose().as_bytes());
    let secret = TokenSecret::new(id, SealedSecret(sealed.expect("sealed")), text.hint(), beside, now);
    (secret, text.expose().to_owned())
}

async fn macs(world: &World, tenant: TenantId, secrets: &[TokenSecret]) -> Arc<Macs> {
    Arc::new(Macs::open(&world.kek(tenant).await, tenant, secrets))
}

/// What a tenant with these secrets believes.
async fn believer(world: &World, tenant: TenantId, secrets: &[TokenSecret]) -> Believer {
    Believer::new(Arc::new(world.ring(tenant).await), macs(world, tenant, secrets).await)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// A token as somebody makes it who has that key.
fn made(header: &Value, claims: &str, key: &[u8]) -> String {
    let signed = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.as_bytes()));
    format!("{signed}.{}", base64url(&mac(key, &signed)))
}

fn header(id: TokenSecretId) -> Value {
    json!({ "alg": "HS256", "kid": id.to_string(), "typ": "at+jwt" })
}

#[tokio::test]
async fn the_key_is_derived_from_the_secret_and_the_claims_as_written_down() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (secret, text) = secret(&world, tenant.id, &[]).await;
    let secrets = [secret];
    let token = macs(&world, tenant.id, &secrets).await.sign_access_token(CLAIMS.as_bytes()).expect("signed");
    let key = mac(text.as_bytes(), FIELDS);
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    assert_eq!(from_base64url(signature).expect("base64url"), mac(&key, signed));
    let written: Value =
        serde_json::from_slice(&from_base64url(token.split('.').next().expect("a header")).expect("b64"))
            .expect("JSON");
    assert_eq!(written, header(secrets[0].id));

    let believer = believer(&world, tenant.id, &secrets).await;
    assert_eq!(believer.verify(&token, TokenType::AccessToken).expect("believed")["sub"], "alice");
    assert!(believer.verify(&made(&header(secrets[0].id), CLAIMS, &key), TokenType::AccessToken).is_ok());
    let by_key =
        world.ring(tenant.id).await.sign(Algorithm::Rs256, TokenType::AccessToken, b"{}").await.expect("signed");
    assert!(believer.verify(&by_key, TokenType::AccessToken).is_ok(), "the keys are believed as before");
}

#[tokio::test]
async fn the_key_of_one_token_makes_no_other() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (secret, text) = secret(&world, tenant.id, &[]).await;
    let key = mac(text.as_bytes(), FIELDS);
    let (id, believer) = (secret.id, believer(&world, tenant.id, &[secret]).await);
    for (from, to) in [("alice", "carol"), ("\"shop", "\"chop"), ("[\"mail", "[\"admin"), ("g.a.b", "g.a.c")] {
        let changed = made(&header(id), &CLAIMS.replace(from, to), &key);
        assert_eq!(believer.verify(&changed, TokenType::AccessToken).err(), Some(Untrusted::BadSignature), "{to}");
    }
    // Nor does the secret itself, or the empty key.
    for key in [text.as_bytes(), b""] {
        let token = made(&header(id), CLAIMS, key);
        assert_eq!(believer.verify(&token, TokenType::AccessToken).err(), Some(Untrusted::BadSignature));
    }
    for lacking in [r#"{"sub":"alice"}"#, &CLAIMS.replace("\"scp\":[\"mail\",\"openid\"]", "\"scp\":\"mail openid\"")] {
        let token = made(&header(id), lacking, &key);
        assert_eq!(believer.verify(&token, TokenType::AccessToken).err(), Some(Untrusted::BadSignature), "{lacking}");
    }
}

#[tokio::test]
async fn the_kind_of_the_key_decides_the_algorithm() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (secret, text) = secret(&world, tenant.id, &[]).await;
    let key = mac(text.as_bytes(), FIELDS);
    let (id, believer) = (secret.id, believer(&world, tenant.id, &[secret]).await);
    let with = |name: &str, value: &str| {
        let mut header = header(id);
        header[name] = value.into();
        believer.verify(&made(&header, CLAIMS, &key), TokenType::AccessToken).err()
    };
    for algorithm in ["none", "HS512", "hs256", "RS256"] {
        assert_eq!(with("alg", algorithm), Some(Untrusted::WrongAlgorithm), "{algorithm}");
    }
    assert_eq!(with("typ", "JWT"), Some(Untrusted::WrongType));
    let signing = world.the(tenant.id, "active");
    assert_eq!(with("kid", signing.id.as_str()), Some(Untrusted::WrongAlgorithm), "the public key is no secret");
    assert_eq!(with("kid", "another"), Some(Untrusted::UnknownKey));

    let good = made(&header(id), CLAIMS, &key);
    assert_eq!(believer.verify(&good, TokenType::IdToken).err(), Some(Untrusted::WrongType));
    assert!(believer.verify_hint(&good).is_err());
}

#[tokio::test]
async fn the_active_secret_signs_and_each_is_believed_until_it_is_gone() {
    let world = World::new();
    let (tenant, neighbour) = (world.found(&[Algorithm::Rs256]).await, world.found(&[Algorithm::Rs256]).await);
    let (first, _) = secret(&world, tenant.id, &[]).await;
    let (second, _) = secret(&world, tenant.id, std::slice::from_ref(&first)).await;
    assert!(first.is_active() && !second.is_active());
    let both = [first.clone(), second.clone()];
    let old = macs(&world, tenant.id, &both).await.sign_access_token(CLAIMS.as_bytes()).expect("signed");

    let now = world.clock.now();
    let both = [first.retire(now).expect("retires"), second.activate(now).expect("activates")];
    let new = macs(&world, tenant.id, &both).await.sign_access_token(CLAIMS.as_bytes()).expect("signed");
    let believes = async |tenant, secrets: &[TokenSecret], token: &str| {
        believer(&world, tenant, secrets).await.verify(token, TokenType::AccessToken).is_ok()
    };
    assert!(believes(tenant.id, &both, &old).await && believes(tenant.id, &both, &new).await);
    assert!(!believes(tenant.id, &both[1..], &old).await, "its secret is gone");
    assert!(macs(&world, tenant.id, &both[..1]).await.sign_access_token(CLAIMS.as_bytes()).is_err());
    assert!(!believes(neighbour.id, &both, &new).await, "a sealed secret opens at its own tenant alone");
    let [mut moved, _] = both;
    moved.id = TokenSecretId::generate(world.cx.random.as_ref(), now);
    assert!(!believes(tenant.id, &[moved], &old).await, "and in its own row");
}
