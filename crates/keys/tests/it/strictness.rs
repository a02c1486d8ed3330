//! Only the form that we write ourselves is believed (RFC 8725, RFC 7515).

use chancery_domain::{
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    secret::{base64url, from_base64url},
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::ring::Ring;

use crate::world::World;

const CLAIMS: &str = r#"{"sub":"alice"}"#;

struct Parts {
    header: String,
    payload: String,
    signature: String,
}

impl Parts {
    fn of(token: &str) -> Self {
        let mut parts = token.split('.').map(str::to_owned);
        let mut next = || parts.next().expect("three parts");
        Self { header: next(), payload: next(), signature: next() }
    }

    fn token(&self) -> String {
        format!("{}.{}.{}", self.header, self.payload, self.signature)
    }

    /// The same payload and signature behind another header.
    fn with_header(&self, change: impl FnOnce(&str) -> String) -> String {
        let header = String::from_utf8(from_base64url(&self.header).expect("base64url")).expect("text");
        format!("{}.{}.{}", base64url(change(&header).as_bytes()), self.payload, self.signature)
    }
}

async fn signed(ring: &Ring, claims: &str) -> String {
    ring.sign(Algorithm::Es256, TokenType::AccessToken, claims.as_bytes()).await.expect("signed")
}

#[tokio::test]
async fn a_token_of_another_form_is_not_looked_at() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let ring = world.ring(tenant.id).await;
    let good = signed(&ring, CLAIMS).await;
    let parts = Parts::of(&good);
    assert!(ring.verify(&parts.token(), TokenType::AccessToken).is_ok());

    let last = good.len() - 1;
    let spare_bits = format!("{}{}", &good[..last], char::from(good.as_bytes()[last] ^ 1));
    let long = signed(&ring, &format!(r#"{{"x":"{}"}}"#, "x".repeat(16 * 1024))).await;
    let malformed = [
        String::new(),
        "a".into(),
        "..".into(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        parts.header.clone(),
        format!("{}.{}", parts.header, parts.payload),
        good.replacen('.', "~", 1),
        spare_bits,
        long,
        parts.with_header(|_| "[]".into()),
        parts.with_header(|_| "{".into()),
        parts.with_header(|header| header.replace('}', r#","crit":[]}"#)),
        parts.with_header(|header| header.replace('}', r#","crit":["exp"],"exp":1}"#)),
        parts.with_header(|header| header.replace('}', r#","b64":false}"#)),
        parts.with_header(|header| header.replace('}', r#","alg":"ES256"}"#)),
        parts.with_header(|header| header.replace('}', r#","x":{"y":1,"y":1}}"#)),
        parts.with_header(|header| format!("{header} {header}")),
    ];
    for token in malformed {
        assert_eq!(ring.verify(&token, TokenType::AccessToken).err(), Some(Untrusted::Malformed), "{token}");
    }
}

#[tokio::test]
async fn key_algorithm_and_type_must_fit() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256]).await;
    let ring = world.ring(tenant.id).await;
    let parts = Parts::of(&signed(&ring, CLAIMS).await);
    let cases = [
        (parts.with_header(|header| header.replace(r#""kid":""#, r#""kid":"x"#)), Untrusted::UnknownKey),
        (parts.with_header(|header| header.replace("\"kid\"", "\"kid_\"")), Untrusted::UnknownKey),
        (parts.with_header(|header| header.replace("ES256", "none")), Untrusted::WrongAlgorithm),
        (parts.with_header(|header| header.replace("ES256", "HS256")), Untrusted::WrongAlgorithm),
        (parts.with_header(|header| header.replace("ES256", "es256")), Untrusted::WrongAlgorithm),
        (parts.with_header(|header| header.replace("\"alg\"", "\"algo\"")), Untrusted::WrongAlgorithm),
        (parts.with_header(|header| header.replace("at+jwt", "JWT")), Untrusted::WrongType),
        (parts.with_header(|header| header.replace(",\"typ\":\"at+jwt\"", "")), Untrusted::WrongType),
        (parts.with_header(|header| header.replace('}', r#","cty":"JWT"}"#)), Untrusted::BadSignature),
        (format!("{}.{}.", parts.header, parts.payload), Untrusted::BadSignature),
        (format!("{}.{}.{}", parts.header, base64url(b"{}"), parts.signature), Untrusted::BadSignature),
        (format!("{}.{}.{}", parts.header, parts.payload, base64url(&[0; 64])), Untrusted::BadSignature),
    ];
    for (token, why) in cases {
        assert_eq!(ring.verify(&token, TokenType::AccessToken).err(), Some(why), "{token}");
    }
    assert_eq!(ring.verify(&parts.token(), TokenType::IdToken).err(), Some(Untrusted::WrongType));
    assert_eq!(ring.verify_hint(&parts.token()).err(), Some(Untrusted::WrongType));

    // A key of one RSA algorithm proves nothing under another.
    let rs256 = ring.sign(Algorithm::Rs256, TokenType::AccessToken, CLAIMS.as_bytes()).await.expect("signed");
    let crossed = Parts::of(&rs256).with_header(|header| header.replace("RS256", "PS256"));
    assert_eq!(ring.verify(&crossed, TokenType::AccessToken).err(), Some(Untrusted::WrongAlgorithm));
}

#[tokio::test]
async fn claims_are_an_object_without_repeated_members() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let ring = world.ring(tenant.id).await;
    for claims in [r#"{"sub":"a","sub":"b"}"#, r#"{"x":{"y":1,"y":2}}"#, "[]", "null", "", "{", "\u{fe}"] {
        let token = signed(&ring, claims).await;
        assert_eq!(ring.verify(&token, TokenType::AccessToken).err(), Some(Untrusted::Malformed), "{claims}");
    }
}

#[tokio::test]
async fn another_form_of_the_signature_does_not_fit() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let ring = world.ring(tenant.id).await;
    let mut parts = Parts::of(&signed(&ring, CLAIMS).await);
    let fixed = from_base64url(&parts.signature).expect("base64url");
    let der = p256::ecdsa::Signature::from_slice(&fixed).expect("r and s").to_der();
    parts.signature = base64url(der.as_bytes());
    assert_eq!(ring.verify(&parts.token(), TokenType::AccessToken).err(), Some(Untrusted::BadSignature));
}

#[tokio::test]
async fn a_token_of_another_tenant_is_signed_with_an_unknown_key() {
    let world = World::new();
    let (acme, globex) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let token = signed(&world.ring(acme.id).await, CLAIMS).await;
    let refused = world.ring(globex.id).await.verify(&token, TokenType::AccessToken);
    assert_eq!(refused.err(), Some(Untrusted::UnknownKey));
}
