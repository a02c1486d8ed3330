//! What is signed by the key that it carries.

use chancery_domain::{
    ports::{
        client_jose::{ReadClientKeys, SelfSigned, TypRule},
        jose::Untrusted,
    },
    vocabulary::Algorithm,
};
use chancery_keys::client_keys::ClientKeyReader;
use serde_json::{Value, json};

use super::{EC, ED, Pair, RSA};

const TAKEN: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256];

/// What somebody does to the header.
type Change<'a> = &'a dyn Fn(&mut Value);

fn read(token: &str) -> Result<SelfSigned, Untrusted> {
    ClientKeyReader.self_signed(token, &TAKEN, TypRule::OneOf(&["dpop+jwt"]))
}

fn header(pair: Pair, alg: &str) -> Value {
    json!({ "typ": "dpop+jwt", "alg": alg, "jwk": pair.jwk(json!({})) })
}

fn said() -> Value {
    json!({ "jti": "one" })
}

#[test]
fn each_kind_of_key_proves_itself() {
    for (pair, alg) in [(EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519"), (RSA, "PS256")] {
        let read = read(&pair.sign(&header(pair, alg), &said())).expect(alg);
        assert_eq!(Value::Object(read.jws.claims), said());
    }
}

/// The example of RFC 9449 section 4.1 and the thumbprint of its section 6.1.
#[test]
fn the_thumbprint_is_that_of_the_rfc() {
    let proof = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRj",
        "QyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiO",
        "iItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyN",
        "jE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
    );
    let read = read(proof).expect("the example");
    assert_eq!(read.thumbprint.to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(read.jws.claims["htm"], "POST");
}

#[test]
fn t134_a_key_that_is_not_public_and_sound_proves_nothing() {
    let with = |change: Change<'_>| {
        let mut header = header(EC, "ES256");
        change(&mut header);
        read(&EC.sign(&header, &said())).map(drop)
    };
    let wrong: [(Untrusted, Change<'_>); 14] = [
        (Untrusted::UnknownKey, &|it| it["jwk"] = Value::Null),
        (Untrusted::UnknownKey, &|it| it["jwk"] = json!("a key")),
        (Untrusted::UnknownKey, &|it| it["jwk"]["d"] = json!("AQ")),
        (Untrusted::UnknownKey, &|it| it["jwk"] = json!({ "kty": "oct", "k": "AQ" })),
        (Untrusted::UnknownKey, &|it| it["jwk"]["y"] = it["jwk"]["x"].clone()),
        (Untrusted::UnknownKey, &|it| it["jwk"]["crv"] = json!("P-384")),
        (Untrusted::UnknownKey, &|it| it["jwk"]["use"] = json!("enc")),
        (Untrusted::UnknownKey, &|it| it["jwk"] = ED.jwk(json!({}))),
        (Untrusted::WrongAlgorithm, &|it| it["alg"] = json!("none")),
        (Untrusted::WrongAlgorithm, &|it| it["alg"] = json!("RS256")),
        (Untrusted::WrongAlgorithm, &|it| it["alg"] = json!("HS256")),
        (Untrusted::WrongType, &|it| it["typ"] = json!("JWT")),
        (Untrusted::WrongType, &|it| it["typ"] = json!("at+jwt")),
        (Untrusted::Malformed, &|it| it["crit"] = json!(["exp"])),
    ];
    for (index, (untrusted, change)) in wrong.into_iter().enumerate() {
        assert_eq!(with(change), Err(untrusted), "{index}");
    }
    assert_eq!(with(&|_| {}), Ok(()));
    let mut header = header(EC, "ES256");
    header["jwk"] = json!({ "kty": "EC", "crv": "P-256", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" });
    assert_eq!(read(&EC.sign(&header, &said())), Err(Untrusted::BadSignature), "somebody else's key");
}
