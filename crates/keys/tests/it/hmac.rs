//! Tokens signed with secrets that are shared: believed by those who have the secret, and by us where they belong.

use std::time::Duration;

use chancery_domain::{
    client::{Client, ClientSecret, IdTokenSigning},
    id::{SecretId, TenantId},
    ports::jose::{MacTokens, Purpose, Sealer, Untrusted, VerifyTokens},
    secret::{OpaqueToken, SealedSecret, TokenKind, base64url},
    time::{Clock, Timestamp},
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{hmac::Macs, seal::TenantSealer};
use chancery_testkit::builders;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value};

use crate::world::World;

const CLAIMS: &[u8] = br#"{"sub":"alice","aud":"legacy","exp":4102444800}"#;

/// A client whose ID tokens its own secret signs, and the text of that secret.
async fn client(world: &World, tenant: TenantId) -> (Client, OpaqueToken) {
    let (mut client, _) = builders::confidential_client("legacy", world.cx.random.as_ref(), world.clock.now());
    client.id_token_signing = IdTokenSigning::ClientSecret;
    client.secrets.clear();
    let text = add_secret(world, tenant, &mut client, None).await;
    (client, text)
}

async fn add_secret(world: &World, tenant: TenantId, client: &mut Client, end: Option<Timestamp>) -> OpaqueToken {
    let random = world.cx.random.as_ref();
    let text = OpaqueToken::generate(TokenKind::ClientSecret, random);
    let id = SecretId::generate(random, world.clock.now());
    let own_key = TenantSealer::of(&world.cx, tenant).await.expect("a sealer");
    let context = ClientSecret::context(client.uid, id);
    let sealed = own_key.seal(Purpose::ClientSecret, &context, text.expose().as_bytes()).expect("sealed");
    client.secrets.push(ClientSecret {
        id,
        digest: text.digest(),
        sealed: Some(SealedSecret(sealed)),
        hint: text.hint(),
        created_at: world.clock.now(),
        expires_at: end,
        last_used_at: None,
    });
    text
}

async fn macs(world: &World, tenant: TenantId) -> Macs {
    Macs::open(&world.kek(tenant).await, tenant, &[])
}

fn believed_with(secret: &[u8], token: &str) -> bool {
    let mut rules = Validation::new(jsonwebtoken::Algorithm::HS256);
    rules.set_audience(&["legacy"]);
    jsonwebtoken::decode::<Map<String, Value>>(token, &DecodingKey::from_secret(secret), &rules).is_ok()
}

/// A token that somebody else signs by HS256, with whatever key.
fn forged(key: &[u8]) -> String {
    let claims: Map<String, Value> = serde_json::from_slice(CLAIMS).expect("claims");
    jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(key)).expect("signed")
}

#[tokio::test]
async fn a_client_verifies_its_id_token_with_its_secret_alone() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (client, secret) = client(&world, tenant.id).await;
    let (macs, now) = (macs(&world, tenant.id).await, world.clock.now());
    let token = macs.sign_id_token(&client, CLAIMS, now).expect("signed");
    assert!(believed_with(secret.expose().as_bytes(), &token));
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    assert_eq!((header.alg, header.kid, header.typ.as_deref()), (jsonwebtoken::Algorithm::HS256, None, Some("JWT")));
    assert_eq!(macs.claimed_client(&token).as_ref(), Some(&client.id));
    assert_eq!(macs.verify_id_token(&client, &token, now).expect("believed")["sub"], "alice");
}

#[tokio::test]
async fn t117_what_a_secret_signs_besides_is_no_id_token() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (client, secret) = client(&world, tenant.id).await;
    let (macs, now) = (macs(&world, tenant.id).await, world.clock.now());
    for typ in TokenType::ALL {
        let token = macs.sign_for_client(&client, *typ, CLAIMS, now).expect("signed");
        assert!(believed_with(secret.expose().as_bytes(), &token));
        assert_eq!(jsonwebtoken::decode_header(&token).expect("a header").typ.as_deref(), typ.typ());
        assert_eq!(macs.verify_id_token(&client, &token, now).is_ok(), *typ == TokenType::IdToken, "{typ:?}");
    }
}

#[tokio::test]
async fn the_newest_live_secret_signs_and_every_live_one_proves() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (mut client, first) = client(&world, tenant.id).await;
    let macs = macs(&world, tenant.id).await;
    let by_first = macs.sign_id_token(&client, CLAIMS, world.clock.now()).expect("signed");
    world.clock.advance(Duration::from_secs(1));
    let end = world.clock.now() + Duration::from_secs(60);
    let second = add_secret(&world, tenant.id, &mut client, Some(end)).await;
    client.secrets.reverse();

    let by_second = macs.sign_id_token(&client, CLAIMS, world.clock.now()).expect("signed");
    assert!(believed_with(second.expose().as_bytes(), &by_second));
    for token in [&by_first, &by_second] {
        assert!(macs.verify_id_token(&client, token, world.clock.now()).is_ok());
    }
    let again = macs.sign_id_token(&client, CLAIMS, end).expect("signed");
    assert!(believed_with(first.expose().as_bytes(), &again), "the newer one has expired");
    assert_eq!(macs.verify_id_token(&client, &by_second, end).err(), Some(Untrusted::BadSignature));

    client.secrets.iter_mut().for_each(|secret| secret.sealed = None);
    assert!(macs.sign_id_token(&client, CLAIMS, world.clock.now()).is_err(), "a digest signs nothing");
    assert!(macs.verify_id_token(&client, &by_first, world.clock.now()).is_err());
}

#[tokio::test]
async fn no_key_but_the_secret_proves_a_token() {
    let world = World::new();
    let (tenant, neighbour) = (world.found(&[Algorithm::Rs256]).await, world.found(&[Algorithm::Rs256]).await);
    let (client, secret) = client(&world, tenant.id).await;
    let (macs, now) = (macs(&world, tenant.id).await, world.clock.now());
    assert!(macs.verify_id_token(&client, &forged(secret.expose().as_bytes()), now).is_ok(), "the form is right");

    // Everything that an outsider knows: the public key in the forms that libraries take, and the empty key.
    let public = world.the(tenant.id, "active").public_jwk;
    let jwk: Value = serde_json::from_str(&public).expect("a JWK");
    let modulus = chancery_domain::secret::from_base64url(jwk["n"].as_str().expect("n")).expect("base64url");
    let set = world.jwk_set(tenant.id).await;
    let client_digest = client.secrets[0].digest;
    for key in [public.as_bytes(), &modulus, &set, b"", client_digest.bytes(), secret.hint().as_bytes()] {
        let token = forged(key);
        assert_eq!(macs.verify_id_token(&client, &token, now).err(), Some(Untrusted::BadSignature));
        assert!(world.ring(tenant.id).await.verify_hint(&token).is_err());
    }
    // A sealed copy opens for its own secret, client and tenant alone.
    let token = macs.sign_id_token(&client, CLAIMS, now).expect("signed");
    let (mut other, _) = self::client(&world, tenant.id).await;
    assert_eq!(macs.verify_id_token(&other, &token, now).err(), Some(Untrusted::BadSignature));
    other.secrets.clone_from(&client.secrets);
    assert!(macs.verify_id_token(&other, &token, now).is_err() && macs.sign_id_token(&other, CLAIMS, now).is_err());
    let theirs = self::macs(&world, neighbour.id).await;
    assert!(theirs.verify_id_token(&client, &token, now).is_err());
}

#[tokio::test]
async fn only_the_form_that_we_write_is_believed() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Rs256]).await;
    let (client, secret) = client(&world, tenant.id).await;
    let (macs, now) = (macs(&world, tenant.id).await, world.clock.now());
    let good = macs.sign_id_token(&client, CLAIMS, now).expect("signed");
    let (signed, mac) = good.rsplit_once('.').expect("three parts");
    let behind = |header: &str| {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(CLAIMS));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.expose().as_bytes());
        format!("{signed}.{}", base64url(aws_lc_rs::hmac::sign(&key, signed.as_bytes()).as_ref()))
    };
    assert!(macs.verify_id_token(&client, &behind(r#"{"alg":"HS256","typ":"JWT"}"#), now).is_ok());
    for (token, why) in [
        (behind(r#"{"alg":"none","typ":"JWT"}"#), Untrusted::WrongAlgorithm),
        (behind(r#"{"alg":"HS512","typ":"JWT"}"#), Untrusted::WrongAlgorithm),
        (behind(r#"{"alg":"RS256","typ":"JWT"}"#), Untrusted::WrongAlgorithm),
        (behind(r#"{"alg":"HS256","typ":"at+jwt"}"#), Untrusted::WrongType),
        (behind(r#"{"alg":"HS256"}"#), Untrusted::WrongType),
        (behind(r#"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#), Untrusted::Malformed),
        (behind(r#"{"alg":"HS256","alg":"HS256","typ":"JWT"}"#), Untrusted::Malformed),
        (format!("{signed}."), Untrusted::BadSignature),
        (format!("{signed}.{}", &mac[..mac.len() - 3]), Untrusted::BadSignature),
    ] {
        assert_eq!(macs.verify_id_token(&client, &token, now).err(), Some(why), "{token}");
    }
    let by_key = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJsZWdhY3kifQ.AA";
    assert!(macs.claimed_client(by_key).is_none() && macs.claimed_client("x").is_none());
}
