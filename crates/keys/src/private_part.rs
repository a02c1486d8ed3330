//! What is sealed in the row of a key: the private key itself, or where it is held.

use chancery_domain::{fault::Fault, id::SignerName};
use zeroize::Zeroizing;

/// The first byte of a reference. A private key (PKCS#8, RFC 5958) begins with that of a SEQUENCE, 0x30.
const REFERENCE: u8 = 1;

/// The private part of a key, as it is sealed.
pub(crate) enum PrivatePart {
    /// The private key, in PKCS#8.
    Here(Zeroizing<Vec<u8>>),
    /// A custodian has it.
    Held { custodian: SignerName, reference: Vec<u8> },
}

impl PrivatePart {
    /// The bytes to seal. A reference has the length of the name in its second byte, then the name.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Here(pkcs8) => pkcs8.clone(),
            Self::Held { custodian, reference } => {
                let name = custodian.as_str().as_bytes();
                // Names have at most 63 characters.
                let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
                Zeroizing::new([&[REFERENCE, length], name, reference].concat())
            }
        }
    }

    /// Reads what was sealed.
    pub(crate) fn read(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Fault> {
        if bytes.first() != Some(&REFERENCE) {
            return Ok(Self::Here(bytes));
        }
        Self::reference(&bytes).ok_or_else(|| Fault::bug("a reference to a private key cannot be read"))
    }

    fn reference(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.get(1..)?.split_first()?;
        let (name, reference) = rest.split_at_checked(usize::from(*length))?;
        let custodian = std::str::from_utf8(name).ok()?.parse().ok()?;
        Some(Self::Held { custodian, reference: reference.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let custodian: SignerName = "hsm".parse().expect("a name");
        let held = PrivatePart::Held { custodian: custodian.clone(), reference: vec![0x30, 0] };
        match PrivatePart::read(held.bytes()).expect("reads") {
            PrivatePart::Held { custodian: name, reference } => {
                assert_eq!((name, reference), (custodian, vec![0x30, 0]));
            }
            PrivatePart::Here(_) => panic!("a reference was taken for a private key"),
        }
        let here = PrivatePart::Here(Zeroizing::new(vec![0x30, 1, 2]));
        assert!(matches!(PrivatePart::read(here.bytes()), Ok(PrivatePart::Here(pkcs8)) if *pkcs8 == [0x30, 1, 2]));
        for bad in [&[REFERENCE][..], &[REFERENCE, 9, b'a'], &[REFERENCE, 2, b'A', b'-', 1], &[REFERENCE, 0]] {
            assert!(PrivatePart::read(Zeroizing::new(bad.to_vec())).is_err(), "{bad:?}");
        }
    }
}
