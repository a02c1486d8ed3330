//! Whatever happens to a file on its way, it ends in the same key or in an error, and never in a panic.

use std::iter;

use chancery_domain::secret::{base64url, from_base64url};
use chancery_keys::import::read;
use proptest::{prelude::*, sample::Index};
use serde_json::json;

use super::{ENCRYPTED, FAMILIES, PASSPHRASE, PRIVATE, PUBLIC, fixture, jwk, of_family};

/// The members of a JWK that are numbers.
const NUMBERS: [&str; 10] = ["n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"];

/// Every fixture with what opens it, and the thumbprint of its key.
fn all() -> Vec<(String, Vec<u8>, Option<&'static [u8]>, Vec<u8>)> {
    let mut all = Vec::new();
    for (family, _) in FAMILIES {
        for (names, passphrase) in [(&PRIVATE[..], None), (&ENCRYPTED, Some(PASSPHRASE)), (&PUBLIC, None)] {
            for (name, material) in of_family(family, names) {
                all.push((name, material, passphrase, fixture(&format!("{family}/thumbprint"))));
            }
        }
    }
    all
}

/// The forms in which a key stands once: another seed or point is another key, and nobody can tell.
fn stands_once(name: &str) -> bool {
    let once = ["spki.pem", "openssh.pub", "public.jwk", "pkcs1-public.pem"];
    name.starts_with("ed25519/pkcs8") || once.iter().any(|form| name.ends_with(form))
}

fn survives(name: &str, damaged: &[u8], passphrase: Option<&[u8]>, thumbprint: &[u8]) -> Result<(), TestCaseError> {
    for (family, algorithm) in FAMILIES {
        if name.starts_with(family) {
            if let Ok(imported) = read(damaged, passphrase, Some(algorithm)) {
                let same = imported.thumbprint().as_bytes() == thumbprint;
                prop_assert!(same || stands_once(name), "{} has become another key", name);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_bit_makes_no_other_key(which: Index, at: Index, bit in 0..8_u8) {
        let all = all();
        let (name, material, passphrase, thumbprint) = which.get(&all);
        let mut damaged = material.clone();
        *at.get_mut(&mut damaged) ^= 1 << bit;
        survives(name, &damaged, *passphrase, thumbprint)?;
    }

    #[test]
    fn a_changed_letter_makes_no_other_key(which: Index, at: Index, letter in "[A-Za-z0-9+/_=\"{}:\n-]") {
        let all = all();
        let (name, material, passphrase, thumbprint) = which.get(&all);
        let mut damaged = material.clone();
        *at.get_mut(&mut damaged) = letter.as_bytes()[0];
        survives(name, &damaged, *passphrase, thumbprint)?;
    }

    #[test]
    fn the_rest_of_a_key_is_no_key(which: Index, at: Index) {
        let all = all();
        let (name, material, passphrase, thumbprint) = which.get(&all);
        let at = at.index(material.len());
        survives(name, &material[..at], *passphrase, thumbprint)?;
        survives(name, &material[at..], *passphrase, thumbprint)?;
    }

    #[test]
    fn a_cut_out_piece_makes_no_other_key(which: Index, at: Index, length in 1..64_usize) {
        let all = all();
        let (name, material, passphrase, thumbprint) = which.get(&all);
        let mut damaged = material.clone();
        let at = at.index(damaged.len());
        let end = damaged.len().min(at + length);
        damaged.drain(at..end);
        survives(name, &damaged, *passphrase, thumbprint)?;
    }

    #[test]
    fn a_number_of_chance_makes_no_other_key(
        which in 0..FAMILIES.len(),
        member in 0..NUMBERS.len(),
        number in proptest::collection::vec(any::<u8>(), 0..300),
        xor: bool,
        alone: bool,
    ) {
        let (family, algorithm) = FAMILIES[which];
        let mut jwk = jwk(&format!("{family}/private.jwk"));
        let members = jwk.as_object_mut().expect("a JWK");
        if alone {
            members.retain(|member, _| !["p", "q", "dp", "dq", "qi"].contains(&member.as_str()));
        }
        let Some(value) = members.get_mut(NUMBERS[member]) else { return Ok(()) };
        let old = from_base64url(value.as_str().expect("text")).expect("base64url");
        let new: Vec<u8> = if xor {
            old.iter().zip(number.iter().chain(iter::repeat(&0))).map(|(old, new)| old ^ new).collect()
        } else {
            number
        };
        *value = json!(base64url(&new));
        let imported = read(jwk.to_string().as_bytes(), None, Some(algorithm));
        prop_assert!(imported.is_err() || new == old, "{} of {} may be anything", NUMBERS[member], family);
    }

    #[test]
    fn noise_is_no_key(noise: Vec<u8>) {
        prop_assert!(read(&noise, None, None).is_err());
    }
}
