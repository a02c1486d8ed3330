//! Envelopes: AES-256-GCM under keys derived with HKDF-SHA256 (RFC 5869).
//!
//! An envelope is one byte of format version, a nonce of 12 bytes, and the ciphertext with its tag. Nonces come from
//! the cipher library and not from `domain::random::Random`: the one thing that must never happen is that two are
//! alike, and the library sees to that by itself.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use chancery_domain::fault::Fault;
use zeroize::Zeroizing;

/// The format that we write; the first byte of every envelope and of everything bound to it.
const FORMAT: u8 = 1;
const TAG_LEN: usize = 16;
const CANNOT_DERIVE: &str = "a key could not be derived";
const CANNOT_SEAL: &str = "bytes could not be sealed";

/// A key of 256 bits that is wiped when it goes.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// A secret that keys are derived from, one for each purpose.
#[derive(Clone)]
pub(crate) struct Root(Prk);

impl Root {
    /// The root of `secret`; `salt` tells roots of different kinds apart.
    pub(crate) fn new(salt: &[u8], secret: &[u8]) -> Self {
        Self(Salt::new(HKDF_SHA256, salt).extract(secret))
    }

    /// The key for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Result<KeyBytes, Fault> {
        let mut key = KeyBytes::default();
        let info = [purpose.as_bytes()];
        let okm = self.0.expand(&info, Bits256).map_err(|_| Fault::bug(CANNOT_DERIVE))?;
        okm.fill(key.as_mut_slice()).map_err(|_| Fault::bug(CANNOT_DERIVE))?;
        Ok(key)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root(..)")
    }
}

struct Bits256;

impl KeyType for Bits256 {
    fn len(&self) -> usize {
        32
    }
}

/// Names what an envelope or a seal is bound to. Every field is written with its length, so that no two lists of
/// fields look the same.
pub(crate) fn bound_to(what: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    for field in std::iter::once(what.as_bytes()).chain(fields.iter().copied()) {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field);
    }
    bytes
}

/// Seals `plain`; it opens with the same key and the same `bound` alone.
pub(crate) fn seal(key: &KeyBytes, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| Fault::bug(CANNOT_SEAL))?;
    // The room for the tag is there from the start: growing would leave a copy of the plain bytes behind.
    let mut body = Vec::with_capacity(plain.len() + TAG_LEN);
    body.extend_from_slice(plain);
    let nonce = key.seal_in_place_append_tag(Aad::from(bound), &mut body).map_err(|_| Fault::bug(CANNOT_SEAL))?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(nonce.as_ref());
    sealed.append(&mut body);
    Ok(sealed)
}

/// Opens what [`seal`] sealed; `None` when anything differs.
pub(crate) fn open(key: &KeyBytes, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (format, rest) = sealed.split_first()?;
    let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
    if *format != FORMAT {
        return None;
    }
    let key = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut plain = Zeroizing::new(body.to_vec());
    let length = key.open_in_place(nonce, Aad::from(bound), &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_opens_where_it_was_sealed_for_and_nowhere_else() {
        let root = Root::new(b"test", &[7; 32]);
        let key = root.derive("one").expect("derives");
        let bound = bound_to("row", &[b"a", b"b"]);
        let sealed = seal(&key, &bound, b"secret").expect("seals");
        assert_eq!(open(&key, &bound, &sealed).as_deref().map(Vec::as_slice), Some(b"secret".as_slice()));
        assert_ne!(seal(&key, &bound, b"secret").expect("seals"), sealed, "a nonce of its own each time");

        assert!(open(&root.derive("two").expect("derives"), &bound, &sealed).is_none());
        assert!(open(&key, &bound_to("row", &[b"ab", b""]), &sealed).is_none());
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert!(open(&key, &bound, &bent).is_none(), "byte {place}");
        }
        for length in 0..sealed.len() {
            assert!(open(&key, &bound, &sealed[..length]).is_none(), "{length} bytes");
        }
    }
}
