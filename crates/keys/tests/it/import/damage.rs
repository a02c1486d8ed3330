//! Whatever happens to a file on its way, it ends in the same key or in an error, and never in a panic.

use std::{iter, sync::LazyLock};

use chancery_domain::{
    secret::{base64url, from_base64url},
    vocabulary::Algorithm,
};
use chancery_keys::import::read;
use proptest::{prelude::*, sample::Index};
use serde_json::json;

use super::{ENCRYPTED, FAMILIES, PASSPHRASE, PRIVATE, PUBLIC, fixture, jwk, of_family};

/// The members of a JWK that are numbers.
const NUMBERS: [&str; 10] = ["n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"];

/// A fixture with what opens it, and what it holds.
#[derive(Clone, Debug)]
struct Sample {
    name: String,
    material: Vec<u8>,
    passphrase: Option<&'static [u8]>,
    algorithm: Algorithm,
    thumbprint: Vec<u8>,
}

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut samples = Vec::new();
    for (family, algorithm) in FAMILIES {
        let thumbprint = fixture(&format!("{family}/thumbprint"));
        for (names, passphrase) in [(&PRIVATE[..], None), (&ENCRYPTED, Some(PASSPHRASE)), (&PUBLIC, None)] {
            for (name, material) in of_family(family, names) {
                samples.push(Sample { name, material, passphrase, algorithm, thumbprint: thumbprint.clone() });
            }
        }
    }
    samples
});

impl Sample {
    fn any() -> impl Strategy<Value = Self> {
        proptest::sample::select(SAMPLES.as_slice())
    }

    /// In some forms a key stands once: another seed or point is another key, and nobody can tell.
    fn stands_once(&self) -> bool {
        let once = ["spki.pem", "openssh.pub", "public.jwk", "pkcs1-public.pem"];
        self.name.starts_with("ed25519/pkcs8") || once.iter().any(|form| self.name.ends_with(form))
    }

    fn survives(&self, damaged: &[u8]) -> Result<(), TestCaseError> {
        if let Ok(imported) = read(damaged, self.passphrase, Some(self.algorithm)) {
            let same = imported.thumbprint().as_bytes() == self.thumbprint;
            prop_assert!(same || self.stands_once(), "{} has become another key", self.name);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_bit_makes_no_other_key(sample in Sample::any(), at: Index, bit in 0..8_u8) {
        let mut damaged = sample.material.clone();
        *at.get_mut(&mut damaged) ^= 1 << bit;
        sample.survives(&damaged)?;
    }

    #[test]
    fn a_changed_letter_makes_no_other_key(sample in Sample::any(), at: Index, letter in "[A-Za-z0-9+/_=\"{}:\n-]") {
        let mut damaged = sample.material.clone();
        *at.get_mut(&mut damaged) = letter.as_bytes()[0];
        sample.survives(&damaged)?;
    }

    #[test]
    fn the_rest_of_a_key_is_no_key(sample in Sample::any(), at: Index) {
        let (front, rest) = sample.material.split_at(at.index(sample.material.len()));
        sample.survives(front)?;
        sample.survives(rest)?;
    }

    #[test]
    fn a_cut_out_piece_makes_no_other_key(sample in Sample::any(), at: Index, length in 1..64_usize) {
        let mut damaged = sample.material.clone();
        let at = at.index(damaged.len());
        let end = damaged.len().min(at + length);
        damaged.drain(at..end);
        sample.survives(&damaged)?;
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
