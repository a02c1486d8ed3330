//! What is encrypted opens, and nothing else does.

use chancery_domain::{
    client::Encryption,
    encryption_key::EncryptionKind,
    ports::client_jose::{Content, LONGEST_TEXT},
    secret::{base64url, from_base64url},
    vocabulary::{Algorithm, ContentEncryption, KeyManagement},
};
use chancery_testkit::SeededRandom;
use proptest::prelude::*;

use super::{Encrypted, OwnKey, Recipient, encrypt};
use crate::generate::KeyPair;

/// A key of that kind with its public part.
fn own(kind: EncryptionKind, seed: u64) -> (OwnKey, crate::jwk::Numbers) {
    let algorithm = match kind {
        EncryptionKind::Rsa => Algorithm::Rs256,
        EncryptionKind::P256 => Algorithm::Es256,
    };
    let pair = KeyPair::make(algorithm.into(), &SeededRandom::new(seed)).expect("a pair");
    let (private, numbers) = pair.into_parts();
    (OwnKey::read(kind, &private.bytes()).expect("a key"), numbers)
}

fn ways() -> impl Iterator<Item = Encryption> {
    let each = |alg: &KeyManagement| {
        ContentEncryption::ALL.iter().map({
            let alg = *alg;
            move |enc| Encryption { alg, enc: *enc }
        })
    };
    KeyManagement::ALL.iter().flat_map(each)
}

fn open(own: &OwnKey, token: &str) -> Option<String> {
    Encrypted::read(token)?.open(own)
}

#[test]
fn what_we_encrypt_in_every_way_opens_with_the_key_it_is_for() {
    for how in ways() {
        let kind = EncryptionKind::opening(how.alg);
        let ((mine, numbers), (other, _)) = (own(kind, 1), own(kind, 2));
        let recipient = Recipient::of(how.alg, &numbers).expect("a recipient");
        let token = encrypt(how, &recipient, Some("k"), Content::Jwt("a.b.c")).expect("encrypts");
        let read = Encrypted::read(&token).expect("of the form");
        assert_eq!((read.how(), read.kid()), (how, Some("k")));
        assert_eq!(open(&mine, &token).as_deref(), Some("a.b.c"), "{how:?}");
        assert_eq!(open(&other, &token), None, "{how:?}");
    }
}

/// RFC 7516 appendix A.2 has `RSA1_5` and appendix A.1 RSA-OAEP with SHA-1: neither is offered.
#[test]
fn t124_what_we_do_not_offer_is_not_tried() {
    let (mine, _) = own(EncryptionKind::Rsa, 1);
    for alg in ["RSA1_5", "RSA-OAEP", "dir", "A128KW", "A256GCMKW", "PBES2-HS256+A128KW", "none", "rsa-oaep-256", ""] {
        let header =
            base64url(format!(r#"{{"alg":"{alg}","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA"}}"#).as_bytes());
        let token = format!("{header}.{}.{}.AAAA.{}", "A".repeat(342), "A".repeat(16), "A".repeat(22));
        assert!(Encrypted::read(&token).is_none() && open(&mine, &token).is_none(), "{alg}");
    }
}

#[test]
fn t122_t126_t127_t129_what_is_not_of_the_form_is_refused_before_a_key_is_touched() {
    let how = Encryption { alg: KeyManagement::EcdhEsA128Kw, enc: ContentEncryption::A128Gcm };
    let (mine, numbers) = own(EncryptionKind::P256, 1);
    let recipient = Recipient::of(how.alg, &numbers).expect("a recipient");
    let token = encrypt(how, &recipient, None, Content::Jwt("a.b.c")).expect("encrypts");
    let parts: Vec<&str> = token.split('.').collect();
    let header = String::from_utf8(from_base64url(parts[0]).expect("base64url")).expect("text");
    assert_eq!(Encrypted::read(&token).expect("of the form").kid(), None);
    let with_header = |header: &str| [&[&*base64url(header.as_bytes())], &parts[1..]].concat().join(".");
    let with_member = |member: &str| with_header(&header.replacen('{', &format!("{{{member},"), 1));

    let bad = [
        with_member(r#""zip":"DEF""#),
        with_member(r#""crit":["exp"],"exp":1"#),
        with_member(r#""alg":"ECDH-ES+A128KW""#),
        with_member(r#""cty":"text/plain""#),
        with_member(r#""cty":1"#),
        with_member(r#""kid":1"#),
        with_header("[]"),
        with_header("{}"),
        with_header(r#"{"alg":"ECDH-ES","enc":"A192GCM"}"#),
        format!("{token}.AAAA"),
        format!("{token}."),
        parts[..4].join("."),
        ".".repeat(10_000),
        "....".to_owned(),
        format!("{}{token}", "A".repeat(LONGEST_TEXT)),
        token.replace('.', " ."),
        format!("{token}="),
        format!("{token}\u{e9}"),
    ];
    for bad in bad {
        assert!(Encrypted::read(&bad).is_none(), "{bad:.100}");
    }
    // Of the form, and with parts that cannot be right.
    let epk = |epk: &str| with_header(&format!(r#"{{"alg":"ECDH-ES+A128KW","enc":"A128GCM","epk":{epk}}}"#));
    let coordinate = base64url(&[1; 32]);
    let bent = [
        epk("null"),
        epk("[]"),
        epk("{}"),
        epk(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}"}}"#)),
        epk(&format!(r#"{{"kty":"EC","crv":"P-384","x":"{coordinate}","y":"{coordinate}"}}"#)),
        epk(&format!(r#"{{"kty":"OKP","crv":"X25519","x":"{coordinate}"}}"#)),
        epk(r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#),
        epk(r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#),
        with_member(r#""apu":1"#),
        with_member(r#""apv":"=""#),
        [parts[0], "", parts[2], parts[3], parts[4]].join("."),
        [parts[0], "AAAA", parts[2], parts[3], parts[4]].join("."),
        [parts[0], &parts[1][..28], parts[2], parts[3], parts[4]].join("."),
        [parts[0], parts[1], "", parts[3], parts[4]].join("."),
        [parts[0], parts[1], parts[2], "", parts[4]].join("."),
        [parts[0], parts[1], parts[2], parts[3], ""].join("."),
        [parts[0], parts[1], parts[2], parts[3], &parts[4][..16]].join("."),
    ];
    for bent in bent {
        assert_eq!(open(&mine, &bent), None, "{bent:.200}");
    }
}

/// So nobody learns from the answer, nor from the time that it takes, whether the key of the content opened (RFC 7516
/// section 11.5).
#[test]
fn t124_where_the_key_of_a_content_does_not_open_a_key_of_chance_takes_its_place() {
    for how in ways().filter(|how| how.alg != KeyManagement::EcdhEs) {
        let (mine, numbers) = own(EncryptionKind::opening(how.alg), 5);
        let recipient = Recipient::of(how.alg, &numbers).expect("a recipient");
        let token = encrypt(how, &recipient, None, Content::Jwt("a.b.c")).expect("encrypts");
        let mut parts = token.split('.');
        let header = from_base64url(parts.next().expect("a header")).expect("base64url");
        let header = serde_json::from_slice(&header).expect("a header");
        let good = from_base64url(parts.next().expect("a key")).expect("base64url");
        let forged = [&[0], &vec![7; good.len() - 1][..]].concat();
        let key = |encrypted: &[u8]| mine.content_key(how, &header, encrypted).expect("some key");
        assert_eq!(key(&good), key(&good));
        assert_eq!(key(&good).len(), key(&forged).len());
        assert_ne!(key(&forged), key(&forged), "{how:?}");
        assert!(mine.content_key(how, &header, &good[1..]).is_none(), "a length that everybody sees");
    }
}

#[test]
fn each_byte_counts() {
    for how in ways() {
        let (mine, numbers) = own(EncryptionKind::opening(how.alg), 3);
        let recipient = Recipient::of(how.alg, &numbers).expect("a recipient");
        let token = encrypt(how, &recipient, None, Content::Jwt("a.b.c")).expect("encrypts");
        for place in (0..token.len()).filter(|place| token.as_bytes()[*place] != b'.').step_by(7) {
            let mut bent = token.clone().into_bytes();
            bent[place] = if bent[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&mine, std::str::from_utf8(&bent).expect("text")), None, "{how:?} {place}");
        }
    }
}

/// RFC 7520 section 5.4 goes over P-384, which our keys are not on; so the example of RFC 7518 appendix C, whose key
/// pair is on P-256, is the one that a whole text is built around.
#[test]
fn the_agreement_of_the_rfc_opens_what_it_was_made_for() {
    let bytes = |text| from_base64url(text).expect("base64url");
    let bob = aws_lc_rs::agreement::PrivateKey::from_private_key(
        &aws_lc_rs::agreement::ECDH_P256,
        &bytes("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"),
    );
    let bob = OwnKey::P256(bob.expect("a private key"));
    let header = r#"{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#;
    let aad = base64url(header.as_bytes());
    let sealed = super::content::seal(
        ContentEncryption::A128Gcm,
        &bytes("VqqN6vgjbSBcIijNcacQGg"),
        aad.as_bytes(),
        b"Live long and prosper.",
    )
    .expect("seals");
    let [iv, ciphertext, tag] = [&sealed.iv, &sealed.ciphertext, &sealed.tag].map(|part| base64url(part));
    assert_eq!(open(&bob, &format!("{aad}..{iv}.{ciphertext}.{tag}")).as_deref(), Some("Live long and prosper."));
}

proptest! {
    #[test]
    fn whatever_somebody_sends_nothing_breaks(
        token in r"([A-Za-z0-9_-]{0,40}\.){0,6}[A-Za-z0-9_=-]{0,40}",
        key in prop::collection::vec(any::<u8>(), 0..300),
        rest in prop::collection::vec(any::<u8>(), 0..60),
        alg in 0_usize..4,
        enc in 0_usize..3,
    ) {
        let (alg, enc) = (KeyManagement::ALL[alg], ContentEncryption::ALL[enc]);
        let (mine, _) = own(EncryptionKind::P256, 4);
        prop_assert_eq!(open(&mine, &token), None);
        let epk = r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#;
        let header = base64url(format!(r#"{{"alg":"{alg}","enc":"{enc}","epk":{epk}}}"#).as_bytes());
        let [key, rest] = [base64url(&key), base64url(&rest)];
        let shaped = format!("{header}.{key}.{rest}.{rest}.{rest}");
        prop_assert_eq!(open(&mine, &shaped), None);
    }
}
