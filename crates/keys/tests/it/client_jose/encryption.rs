//! What is encrypted for a client its own key opens, and no other.

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519},
    cipher::{self, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    digest, hmac,
    iv::FixedLength,
    key_wrap::{self, AesKek, KeyWrap},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use chancery_domain::{
    client::Encryption,
    ports::client_jose::{Content, NotEncrypted},
    secret::{base64url, from_base64url},
    vocabulary::{ContentEncryption, KeyManagement},
};
use serde_json::{Value, json};

use super::{EC, ED, Pair, RSA, set};
use crate::import::fixture;

const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
const P384: Pair = Pair("p384");
const P521: Pair = Pair("p521");

/// The private half that a client keeps.
enum Own {
    Rsa(OaepPrivateDecryptingKey),
    Agreeing(&'static agreement::Algorithm, PrivateKey),
}

impl Own {
    fn of(pair: Pair) -> Self {
        let pkcs8 = fixture(&format!("{}/pkcs8.der", pair.0));
        let curve = match pair.0 {
            "p256" => &ECDH_P256,
            "p384" => &ECDH_P384,
            "p521" => &ECDH_P521,
            _ => {
                let key = PrivateDecryptingKey::from_pkcs8(&pkcs8).expect("a key");
                return Self::Rsa(OaepPrivateDecryptingKey::new(key).expect("a key"));
            }
        };
        Self::Agreeing(curve, PrivateKey::from_private_key_der(curve, &pkcs8).expect("a key"))
    }

    /// The header and the content, read the way that RFC 7516 section 5.2 tells.
    fn decrypt(&self, text: &str) -> Option<(Value, Vec<u8>)> {
        let parts: Vec<&str> = text.split('.').collect();
        let [protected, sent, iv, body, tag] = parts[..] else { panic!("five parts") };
        let [sent, iv, body, tag] = [sent, iv, body, tag].map(|part| from_base64url(part).expect("base64url"));
        let header: Value = serde_json::from_slice(&from_base64url(protected).expect("base64url")).expect("JSON");
        let enc: ContentEncryption = header["enc"].as_str().expect("text").parse().expect("an enc");
        let key = self.content_key(&header, enc, &sent)?;
        let aad = protected.as_bytes();
        let plain = match enc {
            ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
                let algorithm = if enc == ContentEncryption::A128Gcm { &AES_128_GCM } else { &AES_256_GCM };
                let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).ok()?);
                let nonce = Nonce::try_assume_unique_for_key(&iv).ok()?;
                let mut both = [body, tag].concat();
                key.open_in_place(nonce, Aad::from(aad), &mut both).ok()?.to_vec()
            }
            ContentEncryption::A128CbcHs256 => {
                let (mac_key, cipher_key) = key.split_at(16);
                let bits = (8 * aad.len() as u64).to_be_bytes();
                let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, mac_key), &[aad, &iv, &body, &bits].concat());
                if mac.as_ref()[..16] != tag {
                    return None;
                }
                let cipher_key = UnboundCipherKey::new(&cipher::AES_128, cipher_key).ok()?;
                let iv = DecryptionContext::Iv128(FixedLength::try_from(iv.as_slice()).ok()?);
                let mut body = body;
                PaddedBlockDecryptingKey::cbc_pkcs7(cipher_key).ok()?.decrypt(&mut body, iv).ok()?.to_vec()
            }
        };
        Some((header, plain))
    }

    fn content_key(&self, header: &Value, enc: ContentEncryption, sent: &[u8]) -> Option<Vec<u8>> {
        let (curve, own) = match self {
            Self::Rsa(own) => {
                let mut key = vec![0; own.min_output_size()];
                return own.decrypt(&OAEP_SHA256_MGF1SHA256, sent, &mut key, None).ok().map(|key| key.to_vec());
            }
            Self::Agreeing(curve, own) => (*curve, own),
        };
        let number = |member: &str| header["epk"][member].as_str().map(|text| from_base64url(text).expect("base64url"));
        let point = match number("y") {
            Some(y) => [vec![4], number("x")?, y].concat(),
            None => number("x")?,
        };
        let (name, bytes) = match header["alg"].as_str()? {
            "ECDH-ES" if enc == ContentEncryption::A128Gcm => (enc.as_str(), 16),
            "ECDH-ES" => (enc.as_str(), 32),
            alg @ "ECDH-ES+A128KW" => (alg, 16),
            alg => (alg, 32),
        };
        let bits = u32::try_from(8 * bytes).ok()?.to_be_bytes();
        let length = [0, 0, 0, u8::try_from(name.len()).ok()?];
        let derived = agreement::agree(own, UnparsedPublicKey::new(curve, point), (), |agreed| {
            let input = [&[0, 0, 0, 1], agreed, &length, name.as_bytes(), &[0; 8], &bits].concat();
            Ok(digest::digest(&digest::SHA256, &input).as_ref()[..bytes].to_vec())
        });
        let derived = derived.ok()?;
        if header["alg"] == "ECDH-ES" {
            return sent.is_empty().then_some(derived);
        }
        let cipher = if bytes == 16 { &key_wrap::AES_128 } else { &key_wrap::AES_256 };
        let mut key = vec![0; sent.len()];
        AesKek::new(cipher, &derived).ok()?.unwrap(sent, &mut key).ok().map(|key| key.to_vec())
    }
}

fn all() -> impl Iterator<Item = Encryption> {
    let each = |alg: &KeyManagement| ContentEncryption::ALL.iter().map(|enc| (*alg, *enc)).collect::<Vec<_>>();
    KeyManagement::ALL.iter().flat_map(each).map(|(alg, enc)| Encryption { alg, enc })
}

fn usual(alg: KeyManagement) -> Encryption {
    Encryption { alg, enc: ContentEncryption::A128CbcHs256 }
}

#[test]
fn the_clients_own_key_opens_it_in_every_way() {
    for pair in [RSA, EC, P384, P521] {
        let keys = set(&[pair.jwk(json!({ "kid": pair.0, "use": "enc" }))]);
        let mut ways = 0;
        for how in all().filter(|how| (how.alg == KeyManagement::RsaOaep256) == (pair.0 == "rsa")) {
            let text = keys.encrypt(how, Content::Jwt(TOKEN)).expect("encrypted");
            let (header, plain) = Own::of(pair).decrypt(&text).expect("opened");
            assert_eq!(plain, TOKEN.as_bytes(), "{how:?}");
            let said = [&header["alg"], &header["enc"], &header["kid"], &header["cty"]];
            assert_eq!(said, [&json!(how.alg), &json!(how.enc), &json!(pair.0), &json!("JWT")]);
            assert!(header.get("zip").is_none());
            assert_eq!(header["epk"].get("d"), None);
            ways += 1;
        }
        assert_eq!(ways, if pair.0 == "rsa" { 3 } else { 9 });
    }
}

#[test]
fn a_key_on_x25519_opens_it() {
    let own = PrivateKey::generate(&X25519).expect("a key");
    let x = base64url(own.compute_public_key().expect("a point").as_ref());
    let keys = set(&[json!({ "kty": "OKP", "crv": "X25519", "x": x })]);
    let own = Own::Agreeing(&X25519, own);
    for alg in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA128Kw, KeyManagement::EcdhEsA256Kw] {
        let text = keys.encrypt(usual(alg), Content::Claims(br#"{"sub":"alice"}"#)).expect("encrypted");
        let (header, plain) = own.decrypt(&text).expect("opened");
        assert_eq!(plain, br#"{"sub":"alice"}"#);
        assert_eq!((header.get("cty"), header.get("kid")), (None, None), "claims are no token");
    }
    assert!(!keys.can_encrypt(usual(KeyManagement::RsaOaep256)));
}

#[test]
fn another_key_opens_nothing_and_neither_does_what_was_changed() {
    for (pair, alg) in
        [(RSA, KeyManagement::RsaOaep256), (EC, KeyManagement::EcdhEs), (EC, KeyManagement::EcdhEsA256Kw)]
    {
        for enc in ContentEncryption::ALL.iter().copied() {
            let keys = set(&[pair.jwk(json!({}))]);
            let text = keys.encrypt(Encryption { alg, enc }, Content::Jwt(TOKEN)).expect("encrypted");
            let own = Own::of(pair);
            assert!(own.decrypt(&text).is_some());
            let parts: Vec<&str> = text.split('.').collect();
            for at in 1..5 {
                let mut changed = from_base64url(parts[at]).expect("base64url");
                let Some(byte) = changed.first_mut() else { continue };
                *byte ^= 1;
                let changed = base64url(&changed);
                let mut other = parts.clone();
                other[at] = &changed;
                assert!(own.decrypt(&other.join(".")).is_none(), "{alg} {enc} part {at}");
            }
        }
    }
    let stranger = PrivateKey::generate(&ECDH_P256).expect("a key");
    let text = set(&[EC.jwk(json!({}))]).encrypt(usual(KeyManagement::EcdhEs), Content::Jwt(TOKEN)).expect("encrypted");
    assert!(Own::Agreeing(&ECDH_P256, stranger).decrypt(&text).is_none());
}

#[test]
fn two_texts_share_neither_key_nor_nonce() {
    let keys = set(&[EC.jwk(json!({})), RSA.jwk(json!({}))]);
    for how in all() {
        let [one, other] = [(); 2].map(|()| keys.encrypt(how, Content::Jwt(TOKEN)).expect("encrypted"));
        let pairs: Vec<_> = one.split('.').zip(other.split('.')).enumerate().collect();
        for (at, (one, other)) in pairs {
            let may_be_same = (at == 0 && how.alg == KeyManagement::RsaOaep256) || (at == 1 && one.is_empty());
            assert!(one != other || may_be_same, "{how:?} part {at}");
        }
    }
}

#[test]
fn the_key_is_chosen_by_what_it_says_to_be_for() {
    let recipient = |keys: &[Value]| {
        let text = set(keys).encrypt(usual(KeyManagement::EcdhEs), Content::Jwt(TOKEN)).expect("encrypted");
        let header = from_base64url(text.split('.').next().expect("a header")).expect("base64url");
        serde_json::from_slice::<Value>(&header).expect("JSON")["kid"].clone()
    };
    let [silent, signing, own, exact, other] = [
        json!({ "kid": "silent" }),
        json!({ "kid": "signing", "use": "sig" }),
        json!({ "kid": "own", "use": "enc" }),
        json!({ "kid": "exact", "use": "enc", "alg": "ECDH-ES" }),
        json!({ "kid": "other", "use": "enc", "alg": "ECDH-ES+A128KW" }),
    ]
    .map(|more| EC.jwk(more));
    let rsa = RSA.jwk(json!({ "kid": "rsa", "use": "enc" }));
    assert_eq!(recipient(&[signing.clone(), silent.clone()]), "silent");
    assert_eq!(recipient(&[silent.clone(), other.clone(), own.clone()]), "own");
    assert_eq!(recipient(&[rsa.clone(), own.clone(), silent, exact]), "exact");
    let derives = EC.jwk(json!({ "kid": "derives", "key_ops": ["deriveKey"] }));
    assert_eq!(recipient(&[derives, EC.jwk(json!({ "kid": "late" }))]), "derives", "the first of equals");

    let verifies = EC.jwk(json!({ "key_ops": ["verify"] }));
    for none in [vec![], vec![signing], vec![rsa], vec![other], vec![verifies], vec![ED.jwk(json!({}))]] {
        let keys = set(&none);
        assert!(!keys.can_encrypt(usual(KeyManagement::EcdhEs)));
        let refused = keys.encrypt(usual(KeyManagement::EcdhEs), Content::Jwt(TOKEN));
        assert!(matches!(refused, Err(NotEncrypted::NoKey)), "{none:?}");
    }
}
