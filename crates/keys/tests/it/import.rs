//! Keys from elsewhere are taken in whatever form they come, and what is wrong with them is said in one sentence.

use std::{fs, path::PathBuf};

use chancery_domain::{id::KeyId, vocabulary::Algorithm};
use chancery_keys::import::{ImportError, Imported, ImportedKey, LONGEST, read};
use serde_json::{Value, json};

mod damage;
mod numbers;
mod refused;

const PASSPHRASE: &[u8] = b"open sesame";

/// One folder for each kind of key, and what it is for.
const FAMILIES: [(&str, Algorithm); 5] = [
    ("rsa", Algorithm::Ps256),
    ("p256", Algorithm::Es256),
    ("p384", Algorithm::Es384),
    ("p521", Algorithm::Es512),
    ("ed25519", Algorithm::EdDsa),
];

const PRIVATE: [&str; 6] = ["pkcs8.pem", "pkcs8.der", "openssh", "private.jwk", "sec1.pem", "pkcs1.pem"];
const ENCRYPTED: [&str; 2] = ["pkcs8-encrypted.pem", "openssh-encrypted"];
const PUBLIC: [&str; 4] = ["spki.pem", "openssh.pub", "public.jwk", "pkcs1-public.pem"];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name)
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(path(name)).expect(name)
}

pub(crate) fn jwk(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).expect("a JWK")
}

/// Every fixture of a family among those names; no family has all forms.
fn of_family(family: &str, names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let names = names.iter().map(|name| format!("{family}/{name}"));
    names.filter(|name| path(name).exists()).map(|name| (name.clone(), fixture(&name))).collect()
}

fn refusal(material: &[u8], passphrase: Option<&[u8]>, wanted: Option<Algorithm>) -> ImportError {
    read(material, passphrase, wanted).expect_err("refused")
}

fn is_pair(imported: &Imported) -> bool {
    match imported.key() {
        ImportedKey::Pair(_) => true,
        ImportedKey::Public(_) => false,
    }
}

#[test]
fn one_key_in_all_its_forms_is_the_same_key() {
    for (family, algorithm) in FAMILIES {
        let thumbprint = String::from_utf8(fixture(&format!("{family}/thumbprint"))).expect("text");
        let (mut pairs, mut publics) = (0, 0);
        for (names, passphrase) in [(&PRIVATE[..], None), (&ENCRYPTED, Some(PASSPHRASE)), (&PUBLIC, None)] {
            for (name, material) in of_family(family, names) {
                let imported = read(&material, passphrase, Some(algorithm)).expect(&name);
                assert_eq!((imported.algorithm(), imported.thumbprint()), (algorithm, thumbprint.as_str()), "{name}");
                if is_pair(&imported) { pairs += 1 } else { publics += 1 }
            }
        }
        let (forms, public_forms) = match family {
            "rsa" => (7, 4),
            "ed25519" => (6, 3),
            _ => (7, 3),
        };
        assert_eq!((pairs, publics), (forms, public_forms), "{family}: a form of it is missing");
    }
}

#[test]
fn the_curve_names_the_algorithm_and_an_rsa_key_does_not() {
    for (family, algorithm) in FAMILIES {
        for (name, material) in of_family(family, &["pkcs8.pem", "spki.pem", "private.jwk"]) {
            let imported = read(&material, None, None);
            if family == "rsa" {
                assert_eq!(imported.err(), Some(ImportError::AlgorithmMissing), "{name}");
            } else {
                assert_eq!(imported.expect(&name).algorithm(), algorithm, "{name}");
            }
        }
    }
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let wanted: Algorithm = algorithm.parse().expect("an algorithm");
        assert_eq!(read(&fixture("rsa/openssh"), None, Some(wanted)).expect("a key").algorithm(), wanted);
        let mut jwk = jwk("rsa/private.jwk");
        jwk["alg"] = json!(algorithm);
        assert_eq!(read(jwk.to_string().as_bytes(), None, None).expect("a key").algorithm(), wanted);
    }
}

#[test]
fn a_jwk_keeps_its_name_and_may_stand_in_a_set() {
    let public = read(&fixture("p256/public.jwk"), None, None).expect("a key");
    assert_eq!(public.kid(), Some("from-elsewhere"));
    assert_eq!(read(&fixture("p256/private.jwk"), None, None).expect("a key").kid(), None);
    let set = json!({ "keys": [jwk("p256/public.jwk")] }).to_string();
    assert_eq!(read(set.as_bytes(), None, None).expect("a key").kid(), Some("from-elsewhere"));

    let ImportedKey::Public(key) = public.into_key() else { panic!("a public key") };
    let kid: KeyId = "from-elsewhere".parse().expect("a key id");
    let published: Value = serde_json::from_str(&key.jwk(kid).expect("a JWK")).expect("JSON");
    let mut expected = jwk("p256/public.jwk");
    expected["use"] = json!("sig");
    expected["alg"] = json!("ES256");
    assert_eq!(published, expected);
}

#[test]
fn a_jwk_may_say_that_it_is_for_signing() {
    for (private, ops) in [(true, json!(["sign"])), (true, json!(["verify", "sign"])), (false, json!(["verify"]))] {
        let mut jwk = jwk(if private { "ed25519/private.jwk" } else { "ed25519/public.jwk" });
        jwk["use"] = json!("sig");
        jwk["key_ops"] = ops;
        for alg in ["EdDSA", "Ed25519"] {
            jwk["alg"] = json!(alg);
            let imported = read(jwk.to_string().as_bytes(), None, None).expect("a key");
            assert_eq!((imported.algorithm(), is_pair(&imported)), (Algorithm::EdDsa, private));
        }
    }
}

#[test]
fn an_rsa_jwk_may_leave_its_primes_out() {
    let whole = jwk("rsa/private.jwk");
    let only_d = json!({ "kty": "RSA", "n": whole["n"], "e": whole["e"], "d": whole["d"], "alg": "RS256" });
    let imported = read(only_d.to_string().as_bytes(), None, None).expect("RFC 7518 section 6.3.2");
    assert!(is_pair(&imported));
    assert_eq!(imported.thumbprint().as_bytes(), fixture("rsa/thumbprint"));
}

#[test]
fn an_rsa_key_bound_to_pss_serves_pss() {
    for (name, pair) in [("rsa-pss.pem", true), ("rsa-pss-public.pem", false)] {
        let material = fixture(&format!("foreign/{name}"));
        assert_eq!(is_pair(&read(&material, None, Some(Algorithm::Ps512)).expect(name)), pair);
        let refused = refusal(&material, None, Some(Algorithm::Rs256));
        assert!(refused.to_string().starts_with("the key is an RSA key bound to PSS, and RS256"), "{refused}");
    }
}

#[test]
fn other_encryptions_are_opened_too() {
    let thumbprint = fixture("ed25519/thumbprint");
    for name in [
        "pbes2-sha1.pem",
        "pbes2-sha512.pem",
        "pbes2-scrypt.pem",
        "openssh-aes128-ctr",
        "openssh-aes192-ctr",
        "openssh-aes256-gcm",
    ] {
        let imported = read(&fixture(&format!("foreign/{name}")), Some(PASSPHRASE), None).expect(name);
        assert_eq!(imported.thumbprint().as_bytes(), thumbprint, "{name}");
        assert_eq!(refusal(&fixture(&format!("foreign/{name}")), Some(b"sesame"), None), ImportError::PassphraseWrong);
    }
}

#[test]
fn material_may_come_with_other_line_ends_and_text_around_it() {
    let pem = String::from_utf8(fixture("p256/pkcs8.pem")).expect("text");
    let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
    let body: String = pem.replace(begin, "").replace(end, "").split_whitespace().collect();
    for text in [
        pem.replace('\n', "\r\n"),
        format!("\u{feff}{pem}"),
        format!("Bag Attributes\n    friendlyName: test\nKey Attributes: <No Attributes>\n{pem}"),
        format!("{begin}\n{body}\n{end}"),
    ] {
        assert!(is_pair(&read(text.as_bytes(), None, None).expect("a key")), "{text:?}");
    }
    // An empty passphrase is what a form sends that was left empty.
    assert!(read(pem.as_bytes(), Some(b""), None).is_ok());
}

#[test]
fn the_thumbprints_of_the_standards_come_out() {
    // RFC 7638 section 3.1.
    let rsa = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n\
              3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zg\
              dAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCu\
              r-kEgU8awapJzKnqDKgw",
    });
    // RFC 8037 appendix A.
    let okp = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    });
    for (jwk, thumbprint) in
        [(rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), (okp, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    {
        let imported = read(jwk.to_string().as_bytes(), None, None).expect("a key");
        assert_eq!(imported.thumbprint(), thumbprint);
    }
}

#[test]
fn nothing_of_a_key_is_printed() {
    let pair = read(&fixture("p256/pkcs8.pem"), None, None);
    let public = read(&fixture("p256/spki.pem"), None, None).expect("a key");
    let shown = format!("{pair:?} {public:?} {:?}", public.key());
    assert_eq!(shown, "Ok(Imported(ES256, ..)) Imported(ES256, ..) PublicKey(ES256, ..)");
}

#[test]
fn longer_material_is_not_looked_at() {
    let mut material = fixture("p256/pkcs8.pem");
    material.resize(LONGEST, b'\n');
    assert!(read(&material, None, None).is_ok());
    material.push(b'\n');
    assert_eq!(refusal(&material, None, None), ImportError::TooLong { bytes: LONGEST + 1 });
}
