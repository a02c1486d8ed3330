//! RSA keys that look sound and are known to be broken.

use rsa::{RsaPrivateKey, traits::PrivateKeyParts};
use zeroize::Zeroizing;

pub(super) const INFINEON: &str = "it was made by a chip with a faulty generator (CVE-2017-15361)";
pub(super) const CLOSE: &str = "its primes lie too close together (FIPS 186-5 section A.1.3)";

/// The odd primes whose product those chips build their primes upon.
const SMALL: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Modulo each small prime, such a modulus is a power of 65537. One in some hundred million others is as well.
pub(super) fn is_of_infineon(modulus: &[u8]) -> bool {
    SMALL
        .iter()
        .all(|prime| is_power(modulus.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime), *prime))
}

fn is_power(rest: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * 65_537 % prime));
    powers.take(prime as usize).any(|power| power == rest)
}

/// Fermat finds primes that share their first hundred bits or so.
pub(super) fn has_primes_close_together(key: &RsaPrivateKey) -> bool {
    let [p, q] = key.primes() else { return true };
    let (p, q) = (Zeroizing::new(p.to_be_bytes()), Zeroizing::new(q.to_be_bytes()));
    p.iter().zip(q.iter()).take_while(|(p, q)| p == q).count() > 12
}
