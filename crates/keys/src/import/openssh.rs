//! The forms of OpenSSH: its private key file (PROTOCOL.key of OpenSSH) and its public line (RFC 4253 section 6.6, RFC
//! 5656 section 3.1, RFC 8709 section 4).

use super::{
    error::ImportError,
    unproved::{EcNumbers, EdNumbers, RsaNumbers, RsaSecret, Unproved, secret, trimmed},
};
use crate::jwk::Curve;

mod cipher;
mod wire;

use cipher::Cipher;
use wire::Wire;

const FILE: &str = "the OpenSSH private key";
const LINE: &str = "the OpenSSH public key";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// A private key file, without its PEM lines.
pub(super) fn private(file: &[u8], passphrase: Option<&[u8]>) -> Result<Unproved, ImportError> {
    let mut wire = Wire::new(file.strip_prefix(MAGIC).ok_or(ImportError::garbled(FILE))?, FILE);
    let cipher = Cipher::read(wire.string()?, wire.string()?, wire.string()?)?;
    let keys = wire.number()?;
    if keys != 1 {
        return Err(ImportError::Several { count: keys as usize, things: "keys" });
    }
    let outer = public(wire.string()?, FILE)?;
    let sealed = wire.string()?;
    let opened = cipher.open(sealed, wire.rest(), passphrase)?;
    let mut wire = Wire::new(&opened, FILE);
    if wire.number()? != wire.number()? {
        // Both checks are one random number, so that a wrong key shows itself.
        return Err(if cipher.is_none() { ImportError::garbled(FILE) } else { ImportError::PassphraseWrong });
    }
    let inner = secret_part(&mut wire)?;
    wire.string()?; // the comment
    let padding = wire.rest();
    if !padding.iter().zip(1..=u8::MAX).all(|(byte, count)| *byte == count) || padding.len() > usize::from(u8::MAX) {
        return Err(ImportError::garbled(FILE));
    }
    // The key stands in the file twice; nobody should find a public one that is not the private one's.
    if point_or_modulus(&outer) == point_or_modulus(&inner) { Ok(inner) } else { Err(ImportError::PublicMismatch) }
}

fn point_or_modulus(key: &Unproved) -> Option<&[u8]> {
    match key {
        Unproved::Rsa(key) => Some(&key.n),
        Unproved::Ec(key) => key.point.as_deref(),
        Unproved::Ed25519(key) => key.point.as_deref(),
        Unproved::MlDsa(key) => Some(&key.public),
    }
}

fn secret_part(wire: &mut Wire<'_>) -> Result<Unproved, ImportError> {
    match Kind::read(wire.string()?, FILE)? {
        Kind::Ed25519 => {
            let point = wire.string()?.to_vec();
            // RFC 8709 section 4 has no private form; the file holds the seed and, behind it, the point again.
            let both = wire.string()?;
            let seed = both.strip_suffix(point.as_slice()).ok_or(ImportError::PublicMismatch)?;
            Ok(Unproved::Ed25519(EdNumbers { seed: Some(secret(seed)), point: Some(point) }))
        }
        Kind::Ec(curve) => {
            named_twice(wire.string()?, curve, FILE)?;
            let point = wire.string()?.to_vec();
            let number = secret(wire.positive()?);
            Ok(Unproved::Ec(EcNumbers { curve, secret: Some(number), point: Some(point) }))
        }
        Kind::Rsa => {
            let (n, e) = (wire.positive()?.to_vec(), wire.positive()?.to_vec());
            let d = secret(wire.positive()?);
            let inverse = Some(secret(wire.positive()?));
            let primes = (secret(wire.positive()?), secret(wire.positive()?));
            let secret = RsaSecret { d, primes: Some(primes), derived: [None, None, inverse] };
            Ok(Unproved::Rsa(RsaNumbers { n, e, secret: Some(secret), pss_alone: false }))
        }
    }
}

/// A public key as it stands in `id_ed25519.pub` or `authorized_keys`: kind, base64, comment.
pub(super) fn line(text: &str) -> Result<Unproved, ImportError> {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let mut words = text.split_ascii_whitespace();
    let kind = Kind::read(words.next().unwrap_or_default().as_bytes(), LINE)?;
    let blob = words.next().and_then(|word| STANDARD.decode(word).ok()).ok_or(ImportError::garbled(LINE))?;
    if Kind::read(Wire::new(&blob, LINE).string()?, LINE)? != kind {
        return Err(ImportError::garbled(LINE));
    }
    public(&blob, LINE)
}

fn public(blob: &[u8], what: &'static str) -> Result<Unproved, ImportError> {
    let mut wire = Wire::new(blob, what);
    let key = match Kind::read(wire.string()?, what)? {
        Kind::Ed25519 => Unproved::Ed25519(EdNumbers { seed: None, point: Some(wire.string()?.to_vec()) }),
        Kind::Ec(curve) => {
            named_twice(wire.string()?, curve, what)?;
            Unproved::Ec(EcNumbers { curve, secret: None, point: Some(wire.string()?.to_vec()) })
        }
        Kind::Rsa => {
            let (e, n) = (wire.positive()?.to_vec(), wire.positive()?.to_vec());
            Unproved::Rsa(RsaNumbers { n, e, secret: None, pss_alone: false })
        }
    };
    if wire.rest().is_empty() { Ok(key) } else { Err(ImportError::garbled(what)) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ed25519,
    Ec(Curve),
    Rsa,
}

impl Kind {
    fn read(name: &[u8], what: &'static str) -> Result<Self, ImportError> {
        match name {
            b"ssh-ed25519" => Ok(Self::Ed25519),
            b"ssh-rsa" => Ok(Self::Rsa),
            b"ecdsa-sha2-nistp256" => Ok(Self::Ec(Curve::P256)),
            b"ecdsa-sha2-nistp384" => Ok(Self::Ec(Curve::P384)),
            b"ecdsa-sha2-nistp521" => Ok(Self::Ec(Curve::P521)),
            b"ssh-dss" => Err(ImportError::unsupported("a DSA key")),
            b"ssh-ed448" => Err(ImportError::unsupported("an Ed448 key")),
            other if other.starts_with(b"sk-") => {
                Err(ImportError::unsupported("a key that lives in a security key (FIDO)"))
            }
            other if other.windows(5).any(|part| part == b"-cert") => {
                Err(ImportError::unsupported("an OpenSSH certificate"))
            }
            _ => Err(ImportError::garbled(what)),
        }
    }
}

/// RFC 5656 section 3.1 names the curve a second time.
fn named_twice(name: &[u8], curve: Curve, what: &'static str) -> Result<(), ImportError> {
    let expected: &[u8] = match curve {
        Curve::P256 => b"nistp256",
        Curve::P384 => b"nistp384",
        Curve::P521 => b"nistp521",
        Curve::Ed25519 => b"",
    };
    if name == expected { Ok(()) } else { Err(ImportError::garbled(what)) }
}
