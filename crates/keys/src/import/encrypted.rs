//! PKCS#8 under a passphrase (RFC 5958 section 3): PBES2 of RFC 8018 with PBKDF2 or scrypt, and AES.

use pkcs8::{
    EncryptedPrivateKeyInfoRef,
    der::Decode,
    pkcs5::{
        EncryptionScheme, Error,
        pbes2::{Kdf, Parameters},
    },
};
use zeroize::Zeroizing;

use super::{
    der::{self, Shape},
    error::ImportError,
    unproved::Unproved,
};

/// A few seconds of work. OpenSSL takes 2048 rounds, careful people a million.
const MOST_ROUNDS: u32 = 4_000_000;
/// OpenSSL takes 16 MiB (RFC 7914 section 2: 128 N r bytes).
const MOST_MEMORY: u64 = 128 << 20;
const MOST_LANES: u16 = 4;

const CONVERT: &str = "convert it with `openssl pkcs8 -in OLD | openssl pkcs8 -topk8 -v2 aes-256-cbc -out NEW`";

/// Opens it and reads the key within.
pub(super) fn read(der: &[u8], passphrase: Option<&[u8]>) -> Result<Unproved, ImportError> {
    if Shape::of(der) != Some(Shape::EncryptedPkcs8) {
        return Err(ImportError::garbled("the encrypted PKCS#8 key"));
    }
    // The shape is right, so what does not read is the cipher.
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| ImportError::Cipher { advice: CONVERT })?;
    let EncryptionScheme::Pbes2(scheme) = &info.encryption_algorithm else {
        return Err(ImportError::Cipher { advice: CONVERT });
    };
    bounded(scheme)?;
    let passphrase = passphrase.ok_or(ImportError::PassphraseMissing)?;
    let opened = scheme.decrypt(passphrase, info.encrypted_data.as_bytes()).map(Zeroizing::new);
    let opened = opened.map_err(|error| {
        if error == Error::DecryptFailed {
            ImportError::PassphraseWrong
        } else {
            ImportError::Cipher { advice: CONVERT }
        }
    })?;
    // One wrong passphrase in 256 leaves a padding that looks right.
    if Shape::of(&opened) != Some(Shape::Pkcs8) {
        return Err(ImportError::PassphraseWrong);
    }
    der::pkcs8(&opened)
}

/// The material says how much work it is to open; without bounds it could ask for hours and gigabytes.
fn bounded(scheme: &Parameters) -> Result<(), ImportError> {
    match &scheme.kdf {
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > MOST_ROUNDS => Err(ImportError::Costly {
            found: format!("{} rounds of PBKDF2", kdf.iteration_count),
            most: "4000000 rounds",
        }),
        Kdf::Scrypt(kdf) => {
            if kdf.cost_parameter < 2 {
                return Err(ImportError::garbled("the encrypted PKCS#8 key"));
            }
            let memory = kdf.cost_parameter.saturating_mul(128 * u64::from(kdf.block_size));
            if memory > MOST_MEMORY || kdf.parallelization > MOST_LANES {
                let found = format!("scrypt over {} MiB in {} lanes", memory >> 20, kdf.parallelization);
                return Err(ImportError::Costly { found, most: "128 MiB in 4 lanes" });
            }
            Ok(())
        }
        Kdf::Pbkdf2(_) => Ok(()),
        _ => Err(ImportError::Cipher { advice: CONVERT }),
    }
}
