//! Files that are no key, or no key that we take.

use chancery_domain::{secret::from_base64url, vocabulary::Algorithm};
use chancery_keys::import::ImportError;
use serde_json::json;

use super::{ENCRYPTED, FAMILIES, PASSPHRASE, PRIVATE, PUBLIC, fixture, jwk, of_family, refusal};

fn foreign(name: &str) -> Vec<u8> {
    fixture(&format!("foreign/{name}"))
}

#[test]
fn what_is_no_key_is_called_by_its_name() {
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (foreign("certificate.pem"), "a certificate", "openssl x509 -pubkey"),
        (foreign("certificate.der"), "a certificate", "openssl x509 -pubkey"),
        (foreign("request.pem"), "a certificate request", "openssl req -pubkey"),
        (foreign("store.p12"), "a PKCS#12 store", "openssl pkcs12 -nocerts"),
        (foreign("dsa-parameters.pem"), "a set of parameters", "PKCS#8"),
        (foreign("dsa-traditional.pem"), "a DSA key", "make an EC or RSA key"),
        (foreign("old-encryption.pem"), "Proc-Type: 4,ENCRYPTED", "openssl pkcs8 -topk8"),
        (b"PuTTY-User-Key-File-3: ssh-ed25519\n".into(), "PuTTY", "puttygen"),
        (b"---- BEGIN SSH2 PUBLIC KEY ----\n".into(), "RFC 4716", "ssh-keygen -i"),
        (b"eyJhbGciOiJkaXIifQ..a.b.c".into(), "an encrypted JWK", "decrypt it first"),
        (b"[]".into(), "a JSON array", "one JWK"),
        (b"hello".into(), "no key in a form that is read", "PKCS#8"),
        (b"\xff\xfe-\0-\0".into(), "text in UTF-16", "UTF-8"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02".into(), "a Java key store", "keytool"),
        (b"\x80\x81\x82".into(), "neither text nor a key", "PKCS#8"),
        (b"-----BEGIN POEM-----\nAAEC\n-----END POEM-----".into(), "holds no key", "PKCS#8"),
    ];
    for (material, found, advice) in cases {
        let refused = refusal(&material, None, None);
        assert!(matches!(refused, ImportError::Foreign { .. }), "{refused:?}");
        let sentence = refused.to_string();
        assert!(sentence.contains(found) && sentence.contains(advice), "{found}: {sentence}");
    }
    let pem = String::from_utf8(fixture("p256/pkcs8.pem")).expect("text");
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(refusal(bare.as_bytes(), None, None).to_string().contains("-----BEGIN PRIVATE KEY-----"));
    for empty in ["", " \r\n", "\u{feff}"] {
        assert_eq!(refusal(empty.as_bytes(), None, None), ImportError::Empty);
    }
}

#[test]
fn what_we_do_not_sign_with_is_called_by_its_name() {
    for (name, found) in [
        ("dsa.pem", "a DSA key"),
        ("dsa-openssh", "a DSA key"),
        ("dsa-openssh.pub", "a DSA key"),
        ("ED448.pem", "an Ed448 key"),
        ("ED448-public.pem", "an Ed448 key"),
        ("X25519.pem", "an X25519 key"),
        ("X448.pem", "an X448 key"),
        ("secp256k1.pem", "a key on secp256k1"),
        ("secp256k1-sec1.pem", "a key on secp256k1"),
        ("secp224r1.pem", "a key on P-224"),
        ("prime192v1.pem", "a key on P-192"),
        ("brainpoolP256r1.pem", "a key on brainpoolP256r1"),
        ("explicit-curve.pem", "a key on a curve given by its parameters and not by its name"),
        ("explicit-curve-sec1.pem", "a key on a curve given by its parameters and not by its name"),
        ("rsa-pss-sha256.pem", "an RSA-PSS key with parameters of its own"),
    ] {
        assert_eq!(refusal(&foreign(name), None, None), ImportError::Unsupported { found: found.into() }, "{name}");
    }
    for (line, found) in [
        ("sk-ssh-ed25519@openssh.com AAAA", "a key that lives in a security key (FIDO)"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "an OpenSSH certificate"),
        ("ssh-ed448 AAAA", "an Ed448 key"),
    ] {
        assert_eq!(refusal(line.as_bytes(), None, None), ImportError::Unsupported { found: found.into() });
    }
    for (kty, crv, found) in [
        ("OKP", "Ed448", "a key on Ed448"),
        ("OKP", "X25519", "a key on X25519"),
        ("EC", "secp256k1", "a key on secp256k1"),
        ("EC", "a curve with a very long name", "a key on something else"),
        ("XYZ", "P-256", "a JWK whose kty is XYZ"),
    ] {
        let jwk = json!({ "kty": kty, "crv": crv, "x": "AA", "y": "AA" }).to_string();
        assert_eq!(refusal(jwk.as_bytes(), None, None), ImportError::Unsupported { found: found.into() });
    }
}

#[test]
fn weak_rsa_keys_are_refused_with_the_figure() {
    let refused = |name| refusal(&foreign(name), None, Some(Algorithm::Rs256));
    assert_eq!(refused("rsa-1024.pem"), ImportError::RsaSize { bits: 1024 });
    assert_eq!(refused("rsa-exponent-3.pem"), ImportError::RsaExponent { exponent: "3".into() });
    assert_eq!(refused("rsa-three-primes.pem"), ImportError::RsaMultiPrime);
    for (name, weakness) in [("rsa-infineon.jwk", "CVE-2017-15361"), ("rsa-close-primes.jwk", "close together")] {
        let refused = refused(name);
        assert!(matches!(refused, ImportError::RsaWeak { .. }), "{name}: {refused}");
        assert!(refused.to_string().contains(weakness), "{name}: {refused}");
    }
}

#[test]
fn a_key_of_the_wrong_curve_is_refused_in_every_form() {
    for (family, algorithm) in FAMILIES {
        let wanted = if algorithm == Algorithm::Es256 { Algorithm::Es384 } else { Algorithm::Es256 };
        for (names, passphrase) in [(&PRIVATE[..], None), (&ENCRYPTED, Some(PASSPHRASE)), (&PUBLIC, None)] {
            for (name, material) in of_family(family, names) {
                let refused = refusal(&material, passphrase, Some(wanted));
                assert!(matches!(refused, ImportError::WrongKey { .. }), "{name}: {refused}");
            }
        }
    }
    let sentence = refusal(&fixture("p384/openssh"), None, Some(Algorithm::Es256)).to_string();
    assert_eq!(sentence, "the key is on P-384, and ES256 signs on P-256");
}

#[test]
fn passphrase_and_encryption_belong_together() {
    for (family, algorithm) in FAMILIES {
        for (name, material) in of_family(family, &ENCRYPTED) {
            assert_eq!(refusal(&material, None, Some(algorithm)), ImportError::PassphraseMissing, "{name}");
            assert_eq!(refusal(&material, Some(b""), Some(algorithm)), ImportError::PassphraseMissing, "{name}");
            assert_eq!(
                refusal(&material, Some(b"Open sesame"), Some(algorithm)),
                ImportError::PassphraseWrong,
                "{name}"
            );
        }
        for (name, material) in of_family(family, &[&PRIVATE[..], &PUBLIC].concat()) {
            let refused = refusal(&material, Some(PASSPHRASE), Some(algorithm));
            assert_eq!(refused, ImportError::PassphraseNeedless, "{name}");
        }
    }
}

#[test]
fn other_ciphers_are_refused_with_the_way_out() {
    for (name, advice) in [
        ("pbes1.pem", "openssl pkcs8"),
        ("pbes2-3des.pem", "openssl pkcs8"),
        ("openssh-aes256-cbc", "ssh-keygen -p -Z aes256-ctr"),
        ("openssh-chacha20-poly1305", "ssh-keygen -p -Z aes256-ctr"),
    ] {
        let refused = refusal(&foreign(name), Some(PASSPHRASE), None);
        assert!(matches!(refused, ImportError::Cipher { .. }), "{name}: {refused:?}");
        assert!(refused.to_string().contains(advice), "{name}: {refused}");
    }
}

#[test]
fn opening_a_key_has_bounds() {
    let sentence = refusal(&foreign("pbes2-costly.pem"), Some(PASSPHRASE), None).to_string();
    assert!(sentence.contains("4000001 rounds of PBKDF2"), "{sentence}");

    // The parameters of scrypt stand in the clear: 16384, 8 and 1.
    let patched = |from: &[u8], to: &[u8]| patched("foreign/pbes2-scrypt.pem", "ENCRYPTED PRIVATE KEY", from, to);
    let greedy = patched(&[2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1], &[2, 2, 0x40, 0, 2, 1, 127, 2, 1, 1]);
    let refused = refusal(&greedy, Some(PASSPHRASE), None);
    assert!(refused.to_string().contains("scrypt over 254 MiB in 1 lanes"), "{refused}");
    for impossible in [[2, 2, 0, 0], [2, 2, 0x40, 1]] {
        let impossible = patched(&[2, 2, 0x40, 0], &impossible);
        let refused = refusal(&impossible, Some(PASSPHRASE), None);
        assert!(matches!(refused, ImportError::Cipher { .. } | ImportError::Garbled { .. }), "{refused:?}");
    }

    let rounds = |rounds: u8| patched_openssh(&[0, 0, 0, 2], &[0, 0, 4, rounds]);
    let refused = refusal(&rounds(1), Some(PASSPHRASE), None);
    assert!(refused.to_string().contains("1025 rounds of bcrypt"), "{refused}");
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    let public = from_base64url(jwk("ed25519/public.jwk")["x"].as_str().expect("a number")).expect("base64url");
    let mut other = public.clone();
    other[0] ^= 1;
    // The public key stands in front of the private one as well.
    let outer = patched("ed25519/openssh", "OPENSSH PRIVATE KEY", &public, &other);
    assert_eq!(refusal(&outer, None, None), ImportError::PublicMismatch);
    let two = patched("ed25519/openssh", "OPENSSH PRIVATE KEY", &[0, 0, 0, 1, 0, 0, 0, 51], &[0, 0, 0, 2]);
    assert_eq!(refusal(&two, None, None), ImportError::Several { count: 2, things: "keys" });
    // Behind the public key come the length of the private part and one of its two checks.
    let (before, after) = ([&public[..], &[0, 0, 0]].concat(), [&public[..], &[0, 0, 0, 136, 9, 9, 9, 9]].concat());
    let check = patched("ed25519/openssh", "OPENSSH PRIVATE KEY", &before, &after);
    assert_eq!(refusal(&check, None, None), ImportError::Garbled { what: "the OpenSSH private key" });

    let (p256, p384) = (fixture("p256/sec1.pem"), fixture("p384/sec1.pem"));
    let end = "-----END EC PARAMETERS-----\n";
    let split = |pem: &[u8]| {
        let text = String::from_utf8(pem.to_vec()).expect("text");
        let (parameters, key) = text.split_once(end).expect("two blocks");
        (parameters.to_owned(), key.to_owned())
    };
    let ((parameters, _), (_, key)) = (split(&p256), split(&p384));
    let mixed = format!("{parameters}{end}{key}");
    assert_eq!(refusal(mixed.as_bytes(), None, None), ImportError::Garbled { what: "the SEC 1 key" });
    let alone = format!("{parameters}{end}");
    assert!(refusal(alone.as_bytes(), None, None).to_string().contains("the name of a curve without a key"));
}

fn patched_openssh(from: &[u8], to: &[u8]) -> Vec<u8> {
    patched("foreign/openssh-aes128-ctr", "OPENSSH PRIVATE KEY", from, to)
}

/// The block with its first `from` replaced.
fn patched(name: &str, label: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let text = String::from_utf8(fixture(name)).expect("text");
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut der = STANDARD.decode(base64).expect("base64");
    let at = der.windows(from.len()).position(|window| window == from).expect("the bytes to patch");
    der[at..at + to.len()].copy_from_slice(to);
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der)).into_bytes()
}

#[test]
fn one_key_at_a_time() {
    let both = [fixture("p256/pkcs8.pem"), fixture("p384/pkcs8.pem")].concat();
    assert_eq!(refusal(&both, None, None), ImportError::Several { count: 2, things: "PEM blocks" });
    let with_certificate = [fixture("p256/pkcs8.pem"), foreign("certificate.pem")].concat();
    assert_eq!(refusal(&with_certificate, None, None), ImportError::Several { count: 2, things: "PEM blocks" });
    let lines = [fixture("p256/openssh.pub"), fixture("p384/openssh.pub")].concat();
    assert_eq!(refusal(&lines, None, None), ImportError::Several { count: 2, things: "lines" });
    for keys in [vec![], vec![jwk("p256/public.jwk"), jwk("p384/public.jwk")]] {
        let (count, set) = (keys.len(), json!({ "keys": keys }).to_string());
        assert_eq!(refusal(set.as_bytes(), None, None), ImportError::Several { count, things: "keys in a JWK Set" });
    }
}
