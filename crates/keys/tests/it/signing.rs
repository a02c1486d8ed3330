//! What we sign is believed by verifiers that know the JWK Set and nothing else of us.

use std::collections::BTreeSet;

use chancery_domain::{
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    secret::from_base64url,
    vocabulary::{Algorithm, TokenType},
};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use p521::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde_json::{Map, Value, json};

use crate::world::World;

const CLAIMS: &[u8] = br#"{"iss":"https://id.example/t/acme","sub":"alice","exp":4102444800}"#;

#[tokio::test]
async fn every_algorithm_signs_and_verifies() {
    let world = World::new();
    for algorithms in Algorithm::ALL.chunks(4) {
        let tenant = world.found(algorithms).await;
        let (ring, jwk_set) = (world.ring(tenant.id).await, world.jwk_set(tenant.id).await);
        for algorithm in algorithms {
            for typ in TokenType::ALL {
                let token = ring.sign(*algorithm, *typ, CLAIMS).await.expect("signed");
                match typ.typ() {
                    Some(_) => assert_eq!(ring.verify(&token, *typ).expect("believed")["sub"], "alice"),
                    None => assert_eq!(ring.verify(&token, *typ).err(), Some(Untrusted::WrongType)),
                }
                believed_by_others(*algorithm, *typ, &token, &jwk_set);
            }
        }
    }
}

#[tokio::test]
async fn t117_a_token_of_one_type_is_none_of_another() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let ring = world.ring(tenant.id).await;
    for signed in TokenType::ALL {
        let token = ring.sign(Algorithm::Es256, *signed, CLAIMS).await.expect("signed");
        for wanted in TokenType::ALL {
            let believed = ring.verify(&token, *wanted).is_ok();
            assert_eq!(believed, signed == wanted && signed.typ().is_some(), "{signed:?} as {wanted:?}");
        }
        assert_eq!(ring.verify_hint(&token).is_ok(), *signed == TokenType::IdToken, "{signed:?} as a hint");
    }
}

fn believed_by_others(algorithm: Algorithm, typ: TokenType, token: &str, jwk_set: &[u8]) {
    match algorithm {
        Algorithm::Es512 => return es512_fits(token, jwk_set),
        // The library below does not know these; the system tests have one that does.
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => return,
        Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::EdDsa
        | Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => {}
    }
    let header = jsonwebtoken::decode_header(token).expect("a header");
    assert_eq!(header.typ.as_deref(), typ.typ());
    let set: JwkSet = serde_json::from_slice(jwk_set).expect("a JWK Set");
    let jwk = set.find(&header.kid.expect("a kid")).expect("published");
    let wanted = algorithm.as_str().parse().expect("an algorithm");
    let mut validation = Validation::new(wanted);
    validation.set_issuer(&["https://id.example/t/acme"]);
    let key = DecodingKey::from_jwk(jwk).expect("a public key");
    let read = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation).expect("believed");
    assert_eq!(read.claims["sub"], "alice");
}

fn es512_fits(token: &str, jwk_set: &[u8]) {
    let set: Value = serde_json::from_slice(jwk_set).expect("a JWK Set");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let signature = Signature::from_slice(&from_base64url(signature).expect("base64url")).expect("r and s");
    let keys = set["keys"].as_array().expect("keys").iter().filter(|key| key["alg"] == "ES512");
    let fits = keys.filter(|key| {
        let number = |name: &str| from_base64url(key[name].as_str().expect("a number")).expect("base64url");
        let point = [vec![4], number("x"), number("y")].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).expect("a point of the curve");
        key.verify(signed.as_bytes(), &signature).is_ok()
    });
    assert_eq!(fits.count(), 1);
}

#[tokio::test]
async fn a_jwk_set_holds_public_members_and_no_others() {
    let world = World::new();
    let algorithms = [Algorithm::Es256, Algorithm::MlDsa44, Algorithm::EdDsa, Algorithm::Ps256];
    let tenant = world.found(&algorithms).await;
    let set: Value = serde_json::from_slice(&world.jwk_set(tenant.id).await).expect("a JWK Set");
    let keys = set["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 2 * algorithms.len(), "the active and the standby key of each");
    for key in keys {
        let members: BTreeSet<_> = key.as_object().expect("a JWK").keys().map(String::as_str).collect();
        let own: &[&str] = match key["kty"].as_str() {
            Some("EC") => &["crv", "x", "y"],
            Some("OKP") => &["crv", "x"],
            Some("RSA") => &["n", "e"],
            Some("AKP") => &["pub"],
            other => panic!("{other:?}"),
        };
        let all: BTreeSet<_> = own.iter().copied().chain(["kty", "use", "alg", "kid"]).collect();
        assert_eq!(members, all);
        assert_eq!(key["use"], json!("sig"));
    }
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str()).collect();
    assert_eq!(kids.len(), keys.len());
}

#[tokio::test]
async fn the_coordinates_keep_their_full_length() {
    let world = World::new();
    for (algorithm, bytes) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48), (Algorithm::Es512, 66)] {
        let tenant = world.found(&[algorithm]).await;
        let set: Value = serde_json::from_slice(&world.jwk_set(tenant.id).await).expect("a JWK Set");
        for name in ["x", "y"] {
            let number = from_base64url(set["keys"][0][name].as_str().expect("a number")).expect("base64url");
            assert_eq!(number.len(), bytes, "RFC 7518 section 6.2.1.2");
        }
        let token = world.ring(tenant.id).await.sign(algorithm, TokenType::IdToken, CLAIMS).await.expect("signed");
        let signature = from_base64url(token.rsplit('.').next().expect("a part")).expect("base64url");
        assert_eq!(signature.len(), 2 * bytes, "RFC 7518 section 3.4");
    }
}

#[tokio::test]
async fn ml_dsa_has_the_sizes_of_its_standard_and_room_for_claims() {
    let world = World::new();
    let sizes = [(Algorithm::MlDsa44, 1312, 2420), (Algorithm::MlDsa65, 1952, 3309), (Algorithm::MlDsa87, 2592, 4627)];
    for (algorithm, public, signature) in sizes {
        let tenant = world.found(&[algorithm]).await;
        let set: Value = serde_json::from_slice(&world.jwk_set(tenant.id).await).expect("a JWK Set");
        let number = from_base64url(set["keys"][0]["pub"].as_str().expect("a number")).expect("base64url");
        assert_eq!(number.len(), public, "FIPS 204 table 2");
        let ring = world.ring(tenant.id).await;
        let claims = json!({ "sub": "alice", "scope": "x".repeat(6 * 1024) }).to_string();
        let token = ring.sign(algorithm, TokenType::AccessToken, claims.as_bytes()).await.expect("signed");
        let signed = from_base64url(token.rsplit('.').next().expect("a part")).expect("base64url");
        assert_eq!(signed.len(), signature, "FIPS 204 table 2");
        assert!(ring.verify(&token, TokenType::AccessToken).is_ok(), "{} bytes", token.len());
    }
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let kek = world.kek(tenant.id).await;
    let ring = world.ring(tenant.id).await;
    let pair = world.cx.pool.pair(Algorithm::Es256).await.expect("a pair");
    let shown = format!("{kek:?} {ring:?} {pair:?} {:?} {:?}", world.cx.masters, world.cx.pool);
    assert_eq!(shown, "TenantKek(..) Ring(..) KeyPair(ES256, ..) [MasterKeyId(first)] KeyPairPool(..)");
}
