//! From what two sides agreed on to a key: the Concat KDF (RFC 7518 section 4.6.2).

use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use chancery_domain::fault::Fault;
use zeroize::Zeroizing;

/// The key of `bytes` bytes for `algorithm`: the `enc` where it is the key of the content, the `alg` where it wraps that.
/// `parties` are what `apu` and `apv` say, empty where they are not there.
pub(super) fn derive(
    agreed: &[u8],
    algorithm: &str,
    parties: [&[u8]; 2],
    bytes: usize,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    const FAILED: &str = "a key could not be derived from an agreement";
    let failed = || Fault::bug(FAILED);
    let sha256 = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).ok_or_else(failed)?;
    let mut info = Vec::with_capacity(64);
    for field in [algorithm.as_bytes(), parties[0], parties[1]] {
        info.extend(u32::try_from(field.len()).map_err(|_| failed())?.to_be_bytes());
        info.extend(field);
    }
    info.extend(u32::try_from(8 * bytes).map_err(|_| failed())?.to_be_bytes());
    let mut key = Zeroizing::new(vec![0; bytes]);
    sskdf_digest(sha256, agreed, &info, &mut key).map_err(|_| failed())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
    use chancery_domain::secret::{base64url, from_base64url};

    use super::*;

    /// RFC 7518 appendix C, from Alice's private key to the derived one.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let bytes = |text| from_base64url(text).expect("base64url");
        let alice = bytes("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        let alice = PrivateKey::from_private_key(&ECDH_P256, &alice).expect("a private key");
        let (x, y) = ("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
        let bob = [vec![4], bytes(x), bytes(y)].concat();
        let key = agree(&alice, UnparsedPublicKey::new(&ECDH_P256, bob), Fault::bug("no agreement"), |agreed| {
            derive(agreed, "A128GCM", [b"Alice", b"Bob"], 16)
        });
        assert_eq!(base64url(&key.expect("a key")), "VqqN6vgjbSBcIijNcacQGg");
    }
}
