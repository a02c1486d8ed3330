//! Encrypting and decrypting the content, with a key that is used once (RFC 7518 sections 5.2 and 5.3).

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey},
    cipher::{
        AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    constant_time::verify_slices_are_equal,
    error::Unspecified,
    hmac,
    iv::FixedLength,
    rand,
};
use chancery_domain::{fault::Fault, vocabulary::ContentEncryption};
use zeroize::Zeroizing;

/// A key of the content, wiped when it goes.
pub(super) type ContentKey = Zeroizing<Vec<u8>>;

/// What of the content is written.
pub(super) struct Sealed {
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

const FAILED: &str = "a content could not be encrypted";

/// How long the key of the content is, in bytes.
pub(super) const fn key_length(enc: ContentEncryption) -> usize {
    match enc {
        ContentEncryption::A128Gcm => 16,
        // One half for the MAC, the other for the cipher.
        ContentEncryption::A128CbcHs256 | ContentEncryption::A256Gcm => 32,
    }
}

/// A new key for one content.
pub(super) fn new_key(enc: ContentEncryption) -> Result<ContentKey, Fault> {
    let mut key = Zeroizing::new(vec![0; key_length(enc)]);
    rand::fill(&mut key).map_err(|_| Fault::bug(FAILED))?;
    Ok(key)
}

/// Encrypts and binds to `aad`. The key must be one that nothing was encrypted with before.
pub(super) fn seal(enc: ContentEncryption, key: &[u8], aad: &[u8], plain: &[u8]) -> Result<Sealed, Fault> {
    let sealed = match enc {
        ContentEncryption::A128CbcHs256 => random().and_then(|iv| cbc_hs256(key, iv, aad, plain)),
        ContentEncryption::A128Gcm => random().and_then(|iv| gcm(&AES_128_GCM, key, iv, aad, plain)),
        ContentEncryption::A256Gcm => random().and_then(|iv| gcm(&AES_256_GCM, key, iv, aad, plain)),
    };
    sealed.map_err(|_| Fault::bug(FAILED))
}

/// From the cipher library, as all nonces are.
fn random<const BYTES: usize>() -> Result<[u8; BYTES], Unspecified> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

fn gcm(
    algorithm: &'static Algorithm,
    key: &[u8],
    iv: [u8; 12],
    aad: &[u8],
    plain: &[u8],
) -> Result<Sealed, Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key)?);
    let mut ciphertext = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut ciphertext)?;
    Ok(Sealed { iv: iv.to_vec(), ciphertext, tag: tag.as_ref().to_vec() })
}

/// RFC 7518 section 5.2.2.1, with SHA-256 (section 5.2.3).
fn cbc_hs256(key: &[u8], iv: [u8; 16], aad: &[u8], plain: &[u8]) -> Result<Sealed, Unspecified> {
    let (mac_key, cipher_key) = key.split_at_checked(16).ok_or(Unspecified)?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, cipher_key)?)?;
    let mut ciphertext = plain.to_vec();
    cipher.less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(FixedLength::from(iv)))?;
    let tag = cbc_tag(mac_key, aad, &iv, &ciphertext);
    Ok(Sealed { iv: iv.to_vec(), ciphertext, tag })
}

/// The tag of RFC 7518 section 5.2.2.1, steps 4 and 5.
fn cbc_tag(mac_key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, mac_key));
    mac.update(aad);
    mac.update(iv);
    mac.update(ciphertext);
    mac.update(&(8 * aad.len() as u64).to_be_bytes());
    mac.sign().as_ref()[..16].to_vec()
}

/// Decrypts what was bound to `aad`; none when anything differs.
pub(super) fn open(
    enc: ContentEncryption,
    key: &[u8],
    aad: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Vec<u8>> {
    match enc {
        ContentEncryption::A128CbcHs256 => open_cbc_hs256(key, aad, iv, ciphertext, tag),
        ContentEncryption::A128Gcm => open_gcm(&AES_128_GCM, key, aad, iv, ciphertext, tag),
        ContentEncryption::A256Gcm => open_gcm(&AES_256_GCM, key, aad, iv, ciphertext, tag),
    }
}

fn open_gcm(
    algorithm: &'static Algorithm,
    key: &[u8],
    aad: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Vec<u8>> {
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    if tag.len() != algorithm.tag_len() {
        return None;
    }
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut plain = [ciphertext, tag].concat();
    let length = key.open_in_place(nonce, Aad::from(aad), &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

/// RFC 7518 section 5.2.2.2: the tag comes first, so that nobody learns anything about the padding.
fn open_cbc_hs256(key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let (mac_key, cipher_key) = key.split_at_checked(16)?;
    let iv: [u8; 16] = iv.try_into().ok()?;
    verify_slices_are_equal(&cbc_tag(mac_key, aad, &iv, ciphertext), tag).ok()?;
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, cipher_key).ok()?).ok()?;
    let mut plain = ciphertext.to_vec();
    let length = cipher.decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use chancery_domain::secret::{base64url, from_base64url};

    use super::*;

    /// RFC 7516 appendices A.1.4 to A.1.6: a key and a nonce of the RFC's, and what comes of them.
    #[test]
    fn the_gcm_example_of_the_rfc_comes_out() {
        let key = [
            177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34,
            105, 47, 130, 203, 46, 122, 234, 64, 252,
        ];
        let iv = [227, 197, 117, 252, 2, 219, 233, 68, 180, 225, 77, 219];
        let aad = b"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
        let plain = b"The true sign of intelligence is not knowledge but imagination.";
        let sealed = gcm(&AES_256_GCM, &key, iv, aad, plain).expect("sealed");
        assert_eq!(
            base64url(&sealed.ciphertext),
            "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A"
        );
        assert_eq!(base64url(&sealed.tag), "XFBoMYUZodetZdvTiFvSkQ");
        assert_eq!(base64url(&sealed.iv), "48V1_ALb6US04U3b");
        let opened = open(ContentEncryption::A256Gcm, &key, aad, &iv, &sealed.ciphertext, &sealed.tag);
        assert_eq!(opened.as_deref(), Some(plain.as_slice()));
    }

    /// RFC 7516 appendix A.2.4 to A.2.6.
    #[test]
    fn the_cbc_example_of_the_rfc_comes_out() {
        let key = [
            4, 211, 31, 197, 84, 157, 252, 254, 11, 100, 157, 250, 63, 170, 106, 206, 107, 124, 212, 45, 111, 107, 9,
            219, 200, 177, 0, 240, 143, 156, 44, 207,
        ];
        let iv = from_base64url("AxY8DCtDaGlsbGljb3RoZQ").expect("base64url").try_into().expect("16 bytes");
        let aad = b"eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0";
        let sealed = cbc_hs256(&key, iv, aad, b"Live long and prosper.").expect("sealed");
        assert_eq!(base64url(&sealed.ciphertext), "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY");
        assert_eq!(base64url(&sealed.tag), "9hH0vgRfYgPnAHOd8stkvw");
        let opened = open(ContentEncryption::A128CbcHs256, &key, aad, &iv, &sealed.ciphertext, &sealed.tag);
        assert_eq!(opened.as_deref(), Some(b"Live long and prosper.".as_slice()));
    }

    #[test]
    fn a_key_of_the_wrong_length_is_a_fault_and_no_panic() {
        for enc in ContentEncryption::ALL {
            for length in (0..70).filter(|length| *length != key_length(*enc)) {
                assert!(seal(*enc, &vec![1; length], b"", b"plain").is_err(), "{enc} {length}");
            }
            assert!(seal(*enc, &vec![1; key_length(*enc)], b"", b"").is_ok(), "{enc}");
        }
    }
}
