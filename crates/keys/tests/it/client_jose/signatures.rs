//! What a client's key signed is believed, in one form and with what was agreed.

use chancery_domain::{
    ports::{
        client_jose::{ClientJws, LONGEST_TEXT, ReadClientKeys, TypRule},
        jose::Untrusted,
    },
    secret::base64url,
    vocabulary::{Algorithm, ClientAlgorithm, MacAlgorithm},
};
use chancery_keys::client_keys::ClientKeyReader;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EC, ED, RSA, set};

const ALL: &[Algorithm] = Algorithm::ALL;

/// What a set with one EC key named `k1` says to a token.
fn verify(token: &str) -> Result<ClientJws, Untrusted> {
    set(&[EC.jwk(json!({ "kid": "k1" }))]).verify(token, ALL, TypRule::Any)
}

fn claims() -> Value {
    json!({ "iss": "app", "n": 1 })
}

#[test]
fn every_kind_of_key_proves_what_it_signed() {
    let keys = set(&[EC, RSA, ED].map(|pair| pair.jwk(json!({ "kid": pair.0 }))));
    for (pair, alg, algorithm) in [
        (EC, "ES256", Algorithm::Es256),
        (RSA, "RS256", Algorithm::Rs256),
        (RSA, "PS256", Algorithm::Ps256),
        (ED, "EdDSA", Algorithm::EdDsa),
        (ED, "Ed25519", Algorithm::EdDsa),
    ] {
        for header in [json!({ "alg": alg, "kid": pair.0, "typ": "JWT" }), json!({ "alg": alg })] {
            let proven = keys.verify(&pair.sign(&header, &claims()), &[algorithm], TypRule::Any).expect(alg);
            assert_eq!(proven.algorithm, Some(ClientAlgorithm::Key(algorithm)));
            assert_eq!(
                (proven.kid.as_deref(), proven.typ.as_deref()),
                (header["kid"].as_str(), header["typ"].as_str())
            );
            assert_eq!(Value::Object(proven.claims), claims());
        }
    }
}

#[test]
fn t105_a_token_without_a_signature_is_refused() {
    for alg in ["none", "None", "NONE", ""] {
        let token = format!("{}.{}.", base64url(json!({ "alg": alg }).to_string().as_bytes()), base64url(b"{}"));
        assert_eq!(verify(&token), Err(Untrusted::WrongAlgorithm), "{alg}");
        assert_eq!(ClientKeyReader.unproven(&token).expect("of the right form").algorithm, None);
    }
    let signed = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let cut = &signed[..=signed.rfind('.').expect("a dot")];
    assert_eq!(verify(cut), Err(Untrusted::BadSignature));
}

#[test]
fn t106_a_public_key_is_no_secret() {
    let keys = set(&[RSA.jwk(json!({ "kid": "k1" }))]);
    let token = EC.sign(&json!({ "alg": "HS256", "kid": "k1" }), &claims());
    assert_eq!(keys.verify(&token, ALL, TypRule::Any), Err(Untrusted::WrongAlgorithm));
    let said = ClientKeyReader.unproven(&token).expect("of the right form");
    assert_eq!(said.algorithm, Some(ClientAlgorithm::Secret(MacAlgorithm::Hs256)));
}

#[test]
fn t107_an_algorithm_is_one_exact_word_among_those_allowed() {
    for alg in [json!("es256"), json!("ES256 "), json!(["ES256"]), json!(256), json!(null), json!({}), json!("ES256K")]
    {
        assert_eq!(verify(&EC.sign(&json!({ "alg": alg }), &claims())), Err(Untrusted::WrongAlgorithm), "{alg}");
    }
    assert_eq!(verify(&EC.sign(&json!({ "kid": "k1" }), &claims())), Err(Untrusted::WrongAlgorithm));
    let keys = set(&[RSA.jwk(json!({})), EC.jwk(json!({}))]);
    let token = RSA.sign(&json!({ "alg": "RS256" }), &claims());
    assert!(keys.verify(&token, &[Algorithm::Rs256], TypRule::Any).is_ok());
    assert_eq!(
        keys.verify(&token, &[Algorithm::Ps256, Algorithm::Es256], TypRule::Any),
        Err(Untrusted::WrongAlgorithm)
    );
    let bound = set(&[RSA.jwk(json!({ "alg": "PS256" }))]);
    assert_eq!(bound.verify(&token, ALL, TypRule::Any), Err(Untrusted::UnknownKey), "a key for PS256 alone");
}

#[test]
fn t108_t109_no_extension_and_no_other_form_is_taken() {
    let good = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let [header, payload, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let flattened = json!({ "protected": header, "payload": payload, "signature": signature }).to_string();
    let general = json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] });
    let malformed = [
        EC.sign(&json!({ "alg": "ES256", "crit": [] }), &claims()),
        EC.sign(&json!({ "alg": "ES256", "crit": ["x"], "x": 1 }), &claims()),
        EC.sign(&json!({ "alg": "ES256", "crit": ["b64"], "b64": false }), &claims()),
        EC.sign(&json!({ "alg": "ES256", "b64": true }), &claims()),
        EC.sign_text(r#"{"alg":"ES256"}"#, ""),
        flattened,
        general.to_string(),
    ];
    for token in malformed {
        assert_eq!(verify(&token), Err(Untrusted::Malformed), "{token}");
    }
    assert_eq!(verify(&format!("{header}..{signature}")), Err(Untrusted::BadSignature), "a payload from elsewhere");
}

#[test]
fn t112_a_member_that_stands_twice_is_refused() {
    for (header, payload) in [
        (r#"{"alg":"ES256","alg":"ES256"}"#, "{}"),
        (r#"{"alg":"ES256","x":{"y":1,"y":1}}"#, "{}"),
        (r#"{"alg":"ES256"}"#, r#"{"iss":"a","iss":"b"}"#),
        (r#"{"alg":"ES256"}"#, r#"{"iss":"a","\u0069ss":"b"}"#),
    ] {
        assert_eq!(verify(&EC.sign_text(header, payload)), Err(Untrusted::Malformed), "{header} {payload}");
    }
}

#[test]
fn t113_a_number_that_is_none_is_refused_or_shown_as_it_is() {
    let read = |exp: &str| verify(&EC.sign_text(r#"{"alg":"ES256"}"#, &format!(r#"{{"exp":{exp}}}"#)));
    for none in ["1e400", "-1e400", "NaN", "Infinity", "01", "+1", "1."] {
        assert_eq!(read(none), Err(Untrusted::Malformed), "{none}");
    }
    // Nothing is rounded into an integer or left out: whoever reads a time sees that this is none.
    for odd in ["1.5", "\"1\"", "null", "18446744073709551616", "[1]", "1e3"] {
        let claims = read(odd).expect(odd).claims;
        assert!(claims.contains_key("exp") && claims["exp"].as_i64().is_none(), "{odd}");
    }
    assert_eq!(read("-1").expect("a number").claims["exp"].as_i64(), Some(-1));
}

#[test]
fn t117_a_token_of_another_type_is_refused() {
    let keys = set(&[EC.jwk(json!({}))]);
    let of = |typ: Value| EC.sign(&json!({ "alg": "ES256", "typ": typ }), &claims());
    let untyped = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let request = TypRule::OneOf(&["oauth-authz-req+jwt"]);
    let assertion = TypRule::AbsentOrOneOf(&["JWT", "client-authentication+jwt"]);
    for (token, as_request, as_assertion) in [
        (of(json!("oauth-authz-req+jwt")), true, false),
        (of(json!("application/oauth-authz-req+jwt")), true, false),
        (of(json!("JWT")), false, true),
        (of(json!("client-authentication+jwt")), false, true),
        (untyped, false, true),
        (of(json!("at+jwt")), false, false),
        (of(json!("dpop+jwt")), false, false),
        (of(json!("logout+jwt")), false, false),
    ] {
        for (rule, taken) in [(request, as_request), (assertion, as_assertion)] {
            let answer = keys.verify(&token, ALL, rule).map(drop);
            assert_eq!(answer, if taken { Ok(()) } else { Err(Untrusted::WrongType) }, "{rule:?} {token}");
        }
    }
    assert_eq!(keys.verify(&of(json!(["JWT"])), ALL, TypRule::Any), Err(Untrusted::Malformed));
}

#[test]
fn t118_a_key_in_the_header_is_not_looked_at() {
    let keys = set(&[EC.jwk(json!({}))]);
    let own = json!({
        "alg": "RS256", "jwk": RSA.jwk(json!({})), "jku": "https://attacker.example/keys",
        "x5u": "https://attacker.example/x5u", "x5c": ["AA"],
    });
    assert_eq!(keys.verify(&RSA.sign(&own, &claims()), ALL, TypRule::Any), Err(Untrusted::UnknownKey));
    let mut idle = own;
    idle["alg"] = json!("ES256");
    assert!(keys.verify(&EC.sign(&idle, &claims()), ALL, TypRule::Any).is_ok());
}

#[test]
fn t119_no_other_form_of_a_signature_is_taken() {
    let good = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let fixed = chancery_domain::secret::from_base64url(signature).expect("base64url");
    let der = p256::ecdsa::Signature::from_slice(&fixed).expect("r and s").to_der();
    let zero_s = [&fixed[..32], &[0; 32]].concat();
    for other in [der.as_bytes(), &[0; 64], &[0; 0], &[0; 63], &fixed[..63], &zero_s, &[&fixed[..], &[0]].concat()] {
        let token = format!("{signed}.{}", base64url(other));
        assert_eq!(verify(&token), Err(Untrusted::BadSignature), "{other:?}");
    }

    let keys = set(&[ED.jwk(json!({}))]);
    let good = ED.sign(&json!({ "alg": "EdDSA" }), &claims());
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let mut fixed = chancery_domain::secret::from_base64url(signature).expect("base64url");
    // s + the order of the group (RFC 8032 section 5.1.7 asks for s below it).
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10_u16,
    ];
    let mut carry = 0;
    for (byte, add) in fixed[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + add + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    let token = format!("{signed}.{}", base64url(&fixed));
    assert_eq!(keys.verify(&token, ALL, TypRule::Any), Err(Untrusted::BadSignature));
}

#[test]
fn t122_t126_what_is_too_long_is_not_looked_at() {
    let long = EC.sign(&json!({ "alg": "ES256" }), &json!({ "x": "x".repeat(LONGEST_TEXT) }));
    let dots = format!("{}{}", &long[..1000], ".".repeat(10_000));
    for token in [long.as_str(), &"a.".repeat(512 * 1024), &dots, &".".repeat(10_000)] {
        assert_eq!(verify(token), Err(Untrusted::Malformed));
        assert_eq!(ClientKeyReader.unproven(token), Err(Untrusted::Malformed));
    }
    let large = EC.sign(&json!({ "alg": "ES256" }), &json!({ "x": "x".repeat(LONGEST_TEXT / 2) }));
    assert!(verify(&large).is_ok());
}

#[test]
fn t127_only_strict_base64url_of_utf8_is_read() {
    let good = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let last = good.len() - 1;
    let spare_bits = format!("{}{}", &good[..last], char::from(good.as_bytes()[last] ^ 1));
    let malformed = [
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.replacen('.', " .", 1),
        good.replacen('.', "=.", 1),
        spare_bits,
        format!("{}.{}.AA", base64url(b"{\"alg\":\"ES256\",\"x\":\"\xff\"}"), base64url(b"{}")),
        EC.sign_text(r#"{"alg":"ES256"}"#, r#"{"x":"\ud800"}"#),
        EC.sign_text("\u{feff}{\"alg\":\"ES256\"}", "{}"),
        EC.sign_text(r#"{"alg":"ES256"} {}"#, "{}"),
    ];
    for token in malformed {
        assert_eq!(verify(&token), Err(Untrusted::Malformed), "{token}");
    }
}

#[test]
fn t128_t129_a_token_within_a_token_and_other_shapes_are_refused() {
    let inner = EC.sign(&json!({ "alg": "ES256" }), &claims());
    let nested = (0..5).fold(inner, |inner, _| EC.sign_text(r#"{"alg":"ES256","cty":"JWT"}"#, &inner));
    let deep = format!("{}{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
    let shapes = [
        nested,
        EC.sign_text(r#"{"alg":"ES256"}"#, &deep),
        EC.sign_text("[]", "{}"),
        EC.sign_text(r#"{"alg":"ES256"}"#, "[]"),
        EC.sign_text(r#"{"alg":"ES256"}"#, ""),
        EC.sign_text(r#"{"alg":"ES256","kid":1}"#, "{}"),
        String::new(),
        "a".into(),
        "..".into(),
        "....".into(),
        "AA.AA.AA.AA.AA".into(),
        "AA.AA.AA.AA".into(),
    ];
    for token in shapes {
        assert_eq!(verify(&token), Err(Untrusted::Malformed), "{token:.80}");
    }
}

#[test]
fn t123_t124_a_token_that_is_encrypted_reaches_no_key() {
    for header in [
        json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_648_u32, "p2s": "AA" }),
        json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" }),
        json!({ "alg": "dir", "enc": "A128GCM", "zip": "DEF" }),
    ] {
        let header = base64url(header.to_string().as_bytes());
        assert_eq!(verify(&format!("{header}.AA.AA.AA.AA")), Err(Untrusted::Malformed));
        assert_eq!(verify(&format!("{header}.{}.AA", base64url(b"{}"))), Err(Untrusted::WrongAlgorithm));
    }
}

#[test]
fn t130_of_two_keys_with_one_name_the_one_that_fits_is_taken() {
    let keys = set(&[RSA, EC, ED].map(|pair| pair.jwk(json!({ "kid": "same" }))));
    for (pair, alg) in [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")] {
        let token = pair.sign(&json!({ "alg": alg, "kid": "same" }), &claims());
        assert!(keys.verify(&token, ALL, TypRule::Any).is_ok(), "{alg}");
    }
    let crossed = RSA.sign(&json!({ "alg": "ES256", "kid": "same" }), &claims());
    assert_eq!(keys.verify(&crossed, ALL, TypRule::Any), Err(Untrusted::BadSignature));
}

#[test]
fn an_unknown_key_is_told_apart_from_a_signature_that_does_not_fit() {
    let keys = set(&[EC.jwk(json!({ "kid": "k1", "use": "sig" })), RSA.jwk(json!({ "kid": "k2", "use": "enc" }))]);
    for (pair, header, why) in [
        (EC, json!({ "alg": "ES256", "kid": "new" }), Untrusted::UnknownKey),
        (RSA, json!({ "alg": "RS256", "kid": "k2" }), Untrusted::UnknownKey),
        (RSA, json!({ "alg": "RS256" }), Untrusted::UnknownKey),
        (RSA, json!({ "alg": "ES256", "kid": "k1" }), Untrusted::BadSignature),
        (RSA, json!({ "alg": "ES256" }), Untrusted::BadSignature),
    ] {
        assert_eq!(keys.verify(&pair.sign(&header, &claims()), ALL, TypRule::Any), Err(why), "{header}");
    }
    let unable = set(&[EC.jwk(json!({ "key_ops": ["encrypt"] }))]);
    let token = EC.sign(&json!({ "alg": "ES256" }), &claims());
    assert_eq!(unable.verify(&token, ALL, TypRule::Any), Err(Untrusted::UnknownKey));
    assert!(set(&[EC.jwk(json!({ "key_ops": ["verify"] }))]).verify(&token, ALL, TypRule::Any).is_ok());
}

#[test]
fn twenty_keys_are_tried_for_a_token_without_a_name() {
    let mut keys = vec![RSA.jwk(json!({ "kid": "other" })); 19];
    keys.push(EC.jwk(json!({ "kid": "last" })));
    let token = EC.sign(&json!({ "alg": "ES256" }), &claims());
    assert!(set(&keys).verify(&token, ALL, TypRule::Any).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_believed_and_none_makes_us_panic(text in ".{0,300}", at in 0..200_usize, letter in "[A-Za-z0-9_.=-]") {
        prop_assert!(verify(&text).is_err());
        let mut token = EC.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims());
        let good = token.clone();
        token.replace_range(at % good.len()..=at % good.len(), &letter);
        prop_assert!(token == good || verify(&token).is_err(), "{token}");
        let parts = text.split('.').map(|part| base64url(part.as_bytes())).collect::<Vec<_>>().join(".");
        prop_assert!(verify(&parts).is_err());
    }
}
