//! Numbers that are not of one sound key. A JWK is the form in which one can be changed alone.

use chancery_domain::{
    secret::{base64url, from_base64url},
    vocabulary::Algorithm,
};
use chancery_keys::import::ImportError;
use serde_json::{Value, json};

use super::{jwk, refusal};

/// Why a JWK is refused once `change` is done to it.
fn refused(name: &str, change: impl FnOnce(&mut Value)) -> ImportError {
    let mut jwk = jwk(name);
    if jwk["kty"] == "RSA" {
        jwk["alg"] = json!("RS256");
    }
    change(&mut jwk);
    refusal(jwk.to_string().as_bytes(), None, None)
}

fn number(jwk: &Value, member: &str) -> Vec<u8> {
    from_base64url(jwk[member].as_str().expect("a member")).expect("base64url")
}

fn with_last(mut number: Vec<u8>, change: impl FnOnce(u8) -> u8) -> Value {
    let last = number.last_mut().expect("a byte");
    *last = change(*last);
    json!(base64url(&number))
}

const RSA: &str = "rsa/private.jwk";

#[test]
fn an_rsa_modulus_is_odd_and_of_a_fitting_length() {
    for name in [RSA, "rsa/public.jwk"] {
        let even = refused(name, |jwk| jwk["n"] = with_last(number(jwk, "n"), |last| last & 0xfe));
        assert_eq!(even, ImportError::RsaModulusEven);
        let sizes = [(255, 0xff, 2040), (256, 0x7f, 2047), (1024 + 1, 1, 8193), (5000, 0xff, 40_000)];
        for (bytes, first, bits) in sizes {
            let mut n = vec![0xff; bytes];
            n[0] = first;
            assert_eq!(refused(name, |jwk| jwk["n"] = json!(base64url(&n))), ImportError::RsaSize { bits });
        }
        assert_eq!(refused(name, |jwk| jwk["n"] = json!("AA")), ImportError::RsaSize { bits: 0 });
    }
}

#[test]
fn an_rsa_exponent_is_odd_and_neither_small_nor_large() {
    let exponents: [(&[u8], &str); 8] = [
        (&[0], "0"),
        (&[1], "1"),
        (&[3], "3"),
        (&[0xff, 0xff], "65535"),
        (&[1, 0, 0], "65536"),
        (&[1, 0, 2], "65538"),
        (&[2, 0, 0, 0, 1], "8589934593"),
        (&[0xff; 256], "a number of 2048 bits"),
    ];
    for name in [RSA, "rsa/public.jwk"] {
        for (e, exponent) in exponents {
            let refused = refused(name, |jwk| jwk["e"] = json!(base64url(e)));
            assert_eq!(refused, ImportError::RsaExponent { exponent: exponent.into() });
        }
    }
}

#[test]
fn the_numbers_of_an_rsa_key_belong_together() {
    for member in ["n", "d", "p", "q", "dp", "dq", "qi"] {
        let flipped = refused(RSA, |jwk| jwk[member] = with_last(number(jwk, member), |last| last ^ 2));
        assert!(matches!(flipped, ImportError::RsaInconsistent { .. }), "{member}: {flipped}");
    }
    let product = refused(RSA, |jwk| jwk["p"] = jwk["q"].clone());
    assert_eq!(product, ImportError::RsaInconsistent { wrong: "modulus is not the product of its primes" });
    let swapped = refused(RSA, |jwk| {
        let (p, q) = (jwk["p"].clone(), jwk["q"].clone());
        (jwk["p"], jwk["q"]) = (q, p);
    });
    assert!(matches!(swapped, ImportError::RsaInconsistent { .. }), "dp is of p: {swapped}");
    let short = refused(RSA, |jwk| jwk["d"] = json!("AQAB"));
    assert_eq!(short, ImportError::RsaInconsistent { wrong: "private exponent is of the wrong length" });
    let one = refused(RSA, |jwk| (jwk["p"], jwk["q"]) = (jwk["n"].clone(), json!("AQ")));
    assert_eq!(one, ImportError::RsaInconsistent { wrong: "primes are not half as long as the modulus" });
    let without_primes = refused(RSA, |jwk| {
        for member in ["p", "q", "dp", "dq", "qi"] {
            jwk.as_object_mut().expect("a JWK").remove(member);
        }
        jwk["d"] = with_last(number(jwk, "d"), |last| last ^ 2);
    });
    assert!(matches!(without_primes, ImportError::RsaInconsistent { .. }), "{without_primes}");
    let three = refused(RSA, |jwk| jwk["oth"] = json!([{ "r": "AQ", "d": "AQ", "t": "AQ" }]));
    assert_eq!(three, ImportError::RsaMultiPrime);
    let half = refused(RSA, |jwk| drop(jwk.as_object_mut().expect("a JWK").remove("qi")));
    assert_eq!(half, ImportError::MemberMissing { member: "qi" });
}

#[test]
fn a_point_lies_on_its_curve() {
    for (family, curve) in [("p256", "P-256"), ("p384", "P-384"), ("p521", "P-521")] {
        for form in ["public", "private"] {
            let name = format!("{family}/{form}.jwk");
            let off = refused(&name, |jwk| jwk["y"] = with_last(number(jwk, "y"), |last| last ^ 1));
            assert_eq!(off, ImportError::PointOffCurve { curve });
        }
    }
    // The neutral point, one of order two, and a number that is no point.
    let mut order_two = vec![0xff; 32];
    (order_two[0], order_two[31]) = (0xec, 0x7f);
    let mut neutral = vec![0; 32];
    neutral[0] = 1;
    let mut none = vec![0; 32];
    none[0] = 2;
    for x in [neutral, order_two, none] {
        let weak = refused("ed25519/public.jwk", |jwk| jwk["x"] = json!(base64url(&x)));
        assert_eq!(weak, ImportError::PointOffCurve { curve: "Ed25519" }, "{x:?}");
    }
}

#[test]
fn a_private_number_lies_in_the_range_of_its_curve() {
    for (family, curve, bytes) in [("p256", "P-256", 32), ("p384", "P-384", 48), ("p521", "P-521", 66)] {
        for byte in [0, 0xff] {
            let d = base64url(&vec![byte; bytes]);
            let refused = refused(&format!("{family}/private.jwk"), |jwk| jwk["d"] = json!(d));
            assert_eq!(refused, ImportError::ScalarOutOfRange { curve });
        }
    }
}

#[test]
fn public_and_private_part_are_of_one_key() {
    for family in ["p256", "p384", "p521", "ed25519"] {
        let name = format!("{family}/private.jwk");
        let other = refused(&name, |jwk| jwk["d"] = with_last(number(jwk, "d"), |last| last ^ 1));
        assert_eq!(other, ImportError::PublicMismatch, "{family}");
    }
}

#[test]
fn numbers_have_their_full_length() {
    for (name, member, rule) in [
        ("p256/public.jwk", "x", "32 bytes on P-256"),
        ("p384/public.jwk", "y", "48 bytes on P-384"),
        ("p521/private.jwk", "d", "66 bytes on P-521"),
        ("ed25519/private.jwk", "d", "32 bytes on Ed25519"),
    ] {
        let short = refused(name, |jwk| jwk[member] = json!(base64url(&number(jwk, member)[1..])));
        assert_eq!(short, ImportError::MemberMalformed { member, rule });
        let padded = refused(name, |jwk| jwk[member] = json!(format!("{}=", jwk[member].as_str().expect("text"))));
        assert_eq!(padded, ImportError::MemberMalformed { member, rule });
        let missing = refused(name, |jwk| jwk[member] = Value::Null);
        assert_eq!(missing, ImportError::MemberMissing { member });
    }
}

#[test]
fn a_jwk_that_is_for_something_else_is_not_taken() {
    for (member, value, shown) in [
        ("use", json!("enc"), "enc"),
        ("use", json!(["sig"]), "something else"),
        ("key_ops", json!(["verify"]), "something else"),
        ("key_ops", json!([]), "something else"),
        ("key_ops", json!("sign"), "sign"),
        ("alg", json!("ECDH-ES+A256KW"), "ECDH-ES+A256KW"),
        ("alg", json!("HS384"), "HS384"),
        ("alg", json!(7), "something else"),
        ("alg", json!("a word that could hold a secret"), "something else"),
    ] {
        let refused = refused("p256/private.jwk", |jwk| jwk[member] = value);
        let ImportError::NotForSigning { member: at, value, .. } = refused else { panic!("{member}: {refused}") };
        assert_eq!((at, value.as_str()), (member, shown));
    }
    let public = refused("p256/public.jwk", |jwk| jwk["key_ops"] = json!(["sign"]));
    assert!(matches!(public, ImportError::NotForSigning { member: "key_ops", .. }), "{public}");

    let other_curve = refused("p256/private.jwk", |jwk| jwk["alg"] = json!("ES384"));
    assert_eq!(other_curve.to_string(), "the key is on P-256, and ES384 signs on P-384");
    let mut rs256 = jwk(RSA);
    rs256["alg"] = json!("RS256");
    let other = refusal(rs256.to_string().as_bytes(), None, Some(Algorithm::Ps256));
    assert_eq!(other, ImportError::OtherAlgorithm { says: Algorithm::Rs256, wanted: Algorithm::Ps256 });
    assert_eq!(refusal(br#"{"kty":"oct","k":"c2VjcmV0"}"#, None, None), ImportError::Symmetric);
}

#[test]
fn a_jwk_is_one_object_without_repeated_members() {
    for text in [r#"{"kty":"EC","kty":"RSA"}"#, r#"{"keys":[{"kty":"EC","x":"a","x":"b"}]}"#] {
        assert_eq!(refusal(text.as_bytes(), None, None), ImportError::RepeatedMember);
    }
    for text in ["{", r#"{"kty":"EC"} {}"#, r#"{"kty":"EC",}"#] {
        assert!(matches!(refusal(text.as_bytes(), None, None), ImportError::Garbled { .. }), "{text}");
    }
    for text in ["{}", r#"{"keys":7}"#, r#"{"kty":7}"#] {
        assert_eq!(refusal(text.as_bytes(), None, None), ImportError::MemberMissing { member: "kty" });
    }
    let unnamed = refused("p256/public.jwk", |jwk| jwk["kid"] = json!(7));
    assert_eq!(unnamed, ImportError::MemberMissing { member: "kid" });
}
