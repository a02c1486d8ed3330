//! What a client signs with its secret.

use std::time::Duration;

use aws_lc_rs::hmac;
use chancery_domain::{
    client::{Client, ClientSecret},
    id::{SecretId, TenantId},
    ports::{
        client_jose::{ClientMacs, TypRule},
        jose::{Purpose, Sealer, Untrusted},
    },
    secret::{OpaqueToken, SealedSecret, TokenKind, base64url},
    time::Clock,
    vocabulary::{Algorithm, ClientAlgorithm, MacAlgorithm},
};
use chancery_keys::{hmac::Macs, seal::TenantSealer};
use chancery_testkit::builders;
use serde_json::json;

use crate::world::World;

const ALL: &[MacAlgorithm] = MacAlgorithm::ALL;

async fn client(world: &World, tenant: TenantId) -> (Client, OpaqueToken) {
    let (random, now) = (world.cx.random.as_ref(), world.clock.now());
    let (mut client, _) = builders::confidential_client("app", random, now);
    let text = OpaqueToken::generate(TokenKind::ClientSecret, random);
    let id = SecretId::generate(random, now);
    let own_key = TenantSealer::of(&world.cx, tenant).await.expect("a sealer");
    let context = ClientSecret::context(client.uid, id);
    let sealed = own_key.seal(Purpose::ClientSecret, &context, text.expose().as_bytes()).expect("sealed");
    client.secrets = vec![ClientSecret {
        id,
        digest: text.digest(),
        sealed: Some(SealedSecret(sealed)),
        hint: text.hint(),
        created_at: now,
        expires_at: Some(now + Duration::from_secs(60)),
        last_used_at: None,
    }];
    (client, text)
}

fn signed(secret: &str, alg: &str) -> String {
    let hash = match alg {
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let header = json!({ "alg": alg, "typ": "JWT" }).to_string();
    let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(br#"{"iss":"app"}"#));
    let mac = hmac::sign(&hmac::Key::new(hash, secret.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", base64url(mac.as_ref()))
}

#[tokio::test]
async fn a_live_secret_proves_what_it_signed_with_each_hash() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let (client, secret) = client(&world, tenant.id).await;
    let macs = Macs::open(&world.kek(tenant.id).await, tenant.id, &[]);
    let now = world.clock.now();
    for algorithm in ALL {
        let token = signed(secret.expose(), algorithm.as_str());
        let proven = macs.verify(&client, &token, &[*algorithm], TypRule::OneOf(&["JWT"]), now).expect("believed");
        assert_eq!(
            (proven.algorithm, &proven.claims["iss"]),
            (Some(ClientAlgorithm::Secret(*algorithm)), &json!("app"))
        );
        let expired = macs.verify(&client, &token, ALL, TypRule::Any, now + Duration::from_secs(60));
        assert_eq!(expired, Err(Untrusted::UnknownKey));
    }
}

#[tokio::test]
async fn t105_t106_t107_t117_nothing_else_proves_it() {
    let world = World::new();
    let (tenant, neighbour) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let (client, secret) = client(&world, tenant.id).await;
    let macs = Macs::open(&world.kek(tenant.id).await, tenant.id, &[]);
    let others = Macs::open(&world.kek(neighbour.id).await, neighbour.id, &[]);
    let now = world.clock.now();
    let good = signed(secret.expose(), "HS256");
    let verify = |token: &str| macs.verify(&client, token, &[MacAlgorithm::Hs256], TypRule::Any, now);
    assert!(verify(&good).is_ok());
    for (token, why) in [
        (signed(secret.expose(), "HS384"), Untrusted::WrongAlgorithm),
        (signed(secret.expose(), "hs256"), Untrusted::WrongAlgorithm),
        (signed(secret.expose(), "none"), Untrusted::WrongAlgorithm),
        (signed(secret.expose(), "RS256"), Untrusted::WrongAlgorithm),
        (signed("", "HS256"), Untrusted::BadSignature),
        (signed(&secret.expose()[1..], "HS256"), Untrusted::BadSignature),
        (good[..=good.rfind('.').expect("a dot")].to_owned(), Untrusted::BadSignature),
        (format!("{good}="), Untrusted::Malformed),
    ] {
        assert_eq!(verify(&token), Err(why), "{token}");
    }
    let typed = macs.verify(&client, &good, ALL, TypRule::OneOf(&["oauth-authz-req+jwt"]), now);
    assert_eq!(typed, Err(Untrusted::WrongType));
    let elsewhere = others.verify(&client, &good, ALL, TypRule::Any, now);
    assert_eq!(elsewhere, Err(Untrusted::UnknownKey), "the sealed copy opens at its own tenant alone");
    let mut digested = client.clone();
    digested.secrets.iter_mut().for_each(|secret| secret.sealed = None);
    assert_eq!(macs.verify(&digested, &good, ALL, TypRule::Any, now), Err(Untrusted::UnknownKey));
}
