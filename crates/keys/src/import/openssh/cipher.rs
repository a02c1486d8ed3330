//! How an OpenSSH file is encrypted: its key comes from the passphrase by bcrypt, and the cipher is one of AES.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, UnboundCipherKey},
};
use zeroize::Zeroizing;

use super::{super::error::ImportError, FILE, Wire};

/// `ssh-keygen` takes 16 or 24 rounds unless told otherwise; 256 are some seconds of work.
const MOST_ROUNDS: u32 = 256;
const BLOCK: usize = 16;

const CONVERT: &str = "convert a copy of it with `ssh-keygen -p -Z aes256-ctr -f COPY`";

pub(super) enum Cipher<'a> {
    None,
    Ctr { algorithm: &'static Algorithm, key: usize, salt: &'a [u8], rounds: u32 },
    Gcm { salt: &'a [u8], rounds: u32 },
}

impl<'a> Cipher<'a> {
    /// `options` are those of the key derivation.
    pub(super) fn read(cipher: &[u8], derivation: &[u8], options: &'a [u8]) -> Result<Self, ImportError> {
        if (cipher, derivation) == (b"none", b"none") {
            return if options.is_empty() { Ok(Self::None) } else { Err(ImportError::garbled(FILE)) };
        }
        if derivation != b"bcrypt" {
            return Err(ImportError::Cipher { advice: CONVERT });
        }
        let mut options = Wire::new(options, FILE);
        let (salt, rounds) = (options.string()?, options.number()?);
        if rounds > MOST_ROUNDS {
            return Err(ImportError::Costly { found: format!("{rounds} rounds of bcrypt"), most: "256 rounds" });
        }
        if rounds == 0 || salt.is_empty() {
            return Err(ImportError::garbled(FILE));
        }
        match cipher {
            b"aes256-ctr" => Ok(Self::Ctr { algorithm: &AES_256, key: 32, salt, rounds }),
            b"aes192-ctr" => Ok(Self::Ctr { algorithm: &AES_192, key: 24, salt, rounds }),
            b"aes128-ctr" => Ok(Self::Ctr { algorithm: &AES_128, key: 16, salt, rounds }),
            b"aes256-gcm@openssh.com" => Ok(Self::Gcm { salt, rounds }),
            _ => Err(ImportError::Cipher { advice: CONVERT }),
        }
    }

    pub(super) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The private part in the clear. `tag` is what stands behind the sealed part.
    pub(super) fn open(
        &self,
        sealed: &[u8],
        tag: &[u8],
        passphrase: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let whole = matches!(self, Self::Gcm { .. }) || tag.is_empty();
        if !whole || (!self.is_none() && !sealed.len().is_multiple_of(BLOCK)) {
            return Err(ImportError::garbled(FILE));
        }
        match (self, passphrase) {
            (Self::None, None) => Ok(Zeroizing::new(sealed.to_vec())),
            (Self::None, Some(_)) => Err(ImportError::PassphraseNeedless),
            (Self::Ctr { .. } | Self::Gcm { .. }, None) => Err(ImportError::PassphraseMissing),
            (Self::Ctr { algorithm, key, salt, rounds }, Some(passphrase)) => {
                let derived = derived(passphrase, salt, *rounds, key + BLOCK)?;
                let (key, counter) = derived.split_at(*key);
                let mut opened = Zeroizing::new(sealed.to_vec());
                ctr(algorithm, key, counter, &mut opened).ok_or(ImportError::garbled(FILE))?;
                Ok(opened)
            }
            (Self::Gcm { salt, rounds }, Some(passphrase)) => {
                let derived = derived(passphrase, salt, *rounds, 32 + 12)?;
                let (key, nonce) = derived.split_at(32);
                let mut opened = Zeroizing::new([sealed, tag].concat());
                gcm(key, nonce, &mut opened).ok_or(ImportError::PassphraseWrong)?;
                opened.truncate(sealed.len());
                Ok(opened)
            }
        }
    }
}

fn derived(passphrase: &[u8], salt: &[u8], rounds: u32, length: usize) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut derived = Zeroizing::new(vec![0; length]);
    bcrypt_pbkdf::bcrypt_pbkdf(passphrase, salt, rounds, &mut derived).map_err(|_| ImportError::garbled(FILE))?;
    Ok(derived)
}

fn ctr(algorithm: &'static Algorithm, key: &[u8], counter: &[u8], in_out: &mut [u8]) -> Option<()> {
    let key = DecryptingKey::ctr(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let counter: [u8; BLOCK] = counter.try_into().ok()?;
    key.decrypt(in_out, DecryptionContext::Iv128(counter.into())).ok().map(|_| ())
}

fn gcm(key: &[u8], nonce: &[u8], in_out: &mut [u8]) -> Option<()> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    key.open_in_place(nonce, Aad::empty(), in_out).ok().map(|_| ())
}
