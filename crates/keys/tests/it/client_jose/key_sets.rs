//! A client's JWK Set, as somebody registers it or we fetch it.

use chancery_domain::{
    fault::Malformed,
    ports::{
        client_jose::{ReadClientKeys, TypRule},
        jose::Untrusted,
    },
    secret::{base64url, from_base64url},
    vocabulary::Algorithm,
};
use chancery_keys::client_keys::ClientKeyReader;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EC, ED, RSA, set, set_text};
use crate::import::jwk;

fn refusal(text: &str) -> Malformed {
    ClientKeyReader.read(text).map(drop).expect_err(text)
}

/// A set whose second key is the one in question, and the rule that it breaks.
fn broken(key: Value) -> &'static str {
    let refused = refusal(&set_text(&[EC.jwk(json!({})), key]));
    assert_eq!(refused.what, "jwks.keys[1]");
    refused.rule
}

fn with(mut key: Value, member: &str, value: Value) -> Value {
    key[member] = value;
    key
}

#[test]
fn t079_a_key_that_is_a_secret_is_refused() {
    assert!(broken(json!({ "kty": "oct", "k": "c2VjcmV0" })).contains("symmetric"));
    for (family, member) in [("rsa", "d"), ("p256", "d"), ("ed25519", "d")] {
        assert!(broken(jwk(&format!("{family}/private.jwk"))).contains("private"), "{family} {member}");
    }
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        assert!(broken(with(EC.jwk(json!({})), member, json!("AA"))).contains("private"), "{member}");
        let unknown = json!({ "kty": "LATTICE", member: null });
        assert!(broken(unknown).contains("private"), "{member} of a kind that nobody knows");
    }
}

#[test]
fn t120_an_unsound_rsa_key_is_refused() {
    let rsa = || RSA.jwk(json!({}));
    let modulus = from_base64url(rsa()["n"].as_str().expect("text")).expect("base64url");
    let even = [&modulus[..modulus.len() - 1], &[modulus[modulus.len() - 1] & 0xfe]].concat();
    assert!(broken(with(rsa(), "n", json!(base64url(&even)))).contains("odd modulus"));
    for short in [&modulus[..128], &modulus[..255], &[]] {
        assert!(!broken(with(rsa(), "n", json!(base64url(short)))).is_empty(), "{} bytes", short.len());
    }
    for exponent in [&[1][..], &[3], &[0], &[1, 0, 0], &[255; 9]] {
        let rule = broken(with(rsa(), "e", json!(base64url(exponent))));
        assert!(rule.contains("exponent"), "{exponent:?}: {rule}");
    }
    // Whatever it says to be for, or nothing that we know.
    for usage in ["sig", "enc", "other"] {
        let weak = with(with(rsa(), "n", json!(base64url(&modulus[..128]))), "use", json!(usage));
        assert!(broken(weak).contains("2048"), "{usage}");
    }
}

#[test]
fn t121_a_point_that_is_not_on_its_curve_is_refused() {
    let zeros = base64url(&[0; 32]);
    let infinity = with(with(EC.jwk(json!({})), "x", json!(zeros)), "y", json!(zeros));
    assert!(broken(infinity).contains("curve"));
    let x = EC.jwk(json!({}))["x"].clone();
    assert!(broken(with(EC.jwk(json!({})), "y", x)).contains("curve"));
    let other_curve = with(EC.jwk(json!({})), "crv", json!("P-384"));
    assert!(broken(other_curve).contains("length"));
    let long = [&[0][..], &from_base64url(EC.jwk(json!({}))["x"].as_str().expect("text")).expect("x")].concat();
    assert!(broken(with(EC.jwk(json!({})), "x", json!(base64url(&long)))).contains("length"));
    for key in [json!({ "kty": "EC" }), json!({ "kty": "EC", "crv": "P-256", "x": 1, "y": 2 })] {
        assert!(broken(key).contains("member"));
    }
}

#[test]
fn t119_t121_a_point_of_small_order_is_refused() {
    let one = base64url(&[[1].as_slice(), &[0; 31]].concat());
    for point in [&base64url(&[0; 32]), &one] {
        for curve in ["X25519", "Ed25519"] {
            let key = json!({ "kty": "OKP", "crv": curve, "x": point });
            assert!(broken(key).contains("curve"), "{curve} {point}");
        }
    }
}

#[test]
fn a_set_is_one_object_with_few_keys_and_each_member_once() {
    let many = vec![EC.jwk(json!({})); 21];
    assert_eq!(refusal(&set_text(&many)).rule, "must hold at most 20 keys");
    assert!(ClientKeyReader.read(&set_text(&many[1..])).is_ok());
    let long = json!({ "keys": [], "x": "x".repeat(64 * 1024) }).to_string();
    assert_eq!(refusal(&long).rule, "must be at most 64 KiB long");
    let twice = format!(r#"{{"keys":[{{"kid":"a",{}]}}"#, &EC.jwk(json!({ "kid": "b" })).to_string()[1..]);
    let deep = format!(r#"{{"keys":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for text in ["", "[]", "null", "{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":[[]]}"#, &twice, &deep] {
        assert_eq!(refusal(text).what, "jwks", "{text:.80}");
    }
    let unnamed = refusal(r#"{"keys":[{"crv":"P-256"}]}"#);
    assert_eq!((unnamed.what, unnamed.rule), ("jwks.keys[0]", "must have a kty"));
    for (member, value) in [("kid", json!(1)), ("use", json!([])), ("alg", json!({})), ("key_ops", json!("verify"))] {
        assert!(broken(with(EC.jwk(json!({})), member, value)).contains("form"), "{member}");
    }
}

#[test]
fn what_nobody_knows_is_passed_over() {
    let unknown = [
        json!({ "kty": "LATTICE", "n": 1 }),
        json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed448", "x": "AA" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-9000", "pub": "AA" }),
        RSA.jwk(json!({ "use": "enc", "alg": "RSA1_5" })),
        EC.jwk(json!({ "use": "sig", "kid": "good", "x5c": ["AA"], "other": [1] })),
    ];
    let set = set(&unknown);
    let token = EC.sign(&json!({ "alg": "ES256", "kid": "good" }), &json!({}));
    assert!(set.verify(&token, &[Algorithm::Es256], TypRule::Any).is_ok());
    let nobody = super::set(&unknown[..5]);
    assert_eq!(nobody.verify(&token, &[Algorithm::Es256], TypRule::Any), Err(Untrusted::UnknownKey));
    assert_eq!(format!("{:?}", super::set(&[])), "KeySet(0 keys)");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        drop(ClientKeyReader.read(&text));
        drop(ClientKeyReader.read(&format!(r#"{{"keys":[{text}]}}"#)));
    }

    #[test]
    fn no_member_makes_the_reader_panic(
        which in 0..3_usize,
        member in "n|e|x|y|crv|kty|kid|use|alg|key_ops|pub",
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        raw in any::<bool>(),
    ) {
        let value = if raw { String::from_utf8_lossy(&bytes).into_owned() } else { base64url(&bytes) };
        let key = with([EC, RSA, ED][which].jwk(json!({})), &member, json!(value));
        if let Ok(set) = ClientKeyReader.read(&set_text(&[key])) {
            let token = EC.sign(&json!({ "alg": "ES256" }), &json!({}));
            drop(set.verify(&token, Algorithm::ALL, TypRule::Any));
        }
    }
}
