//! A certificate taken apart (RFC 5280 section 4.1).

use std::net::IpAddr;

use aws_lc_rs::digest;
use chancery_domain::{
    certificate::{CertificateFacts, ClientCertificate, DistinguishedName, NameValue, Rdn},
    confirmation::Thumbprint,
    time::Timestamp,
};
use x509_parser::{
    asn1_rs::Class,
    prelude::{FromDer, GeneralName, X509Certificate, X509Name},
    public_key::PublicKey,
    x509::SubjectPublicKeyInfo,
};

/// A certificate that was read to its last byte.
pub(super) struct Certificate<'a> {
    der: &'a [u8],
    read: X509Certificate<'a>,
}

impl<'a> Certificate<'a> {
    /// Reads it, believing nothing that it says.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        if der.len() > ClientCertificate::LONGEST {
            return None;
        }
        let (rest, read) = X509Certificate::from_der(der).ok()?;
        rest.is_empty().then_some(Self { der, read })
    }

    /// What it says of its holder.
    pub(super) fn facts(&self) -> Option<CertificateFacts> {
        let (not_before, not_after) = self.validity();
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, self.der).as_ref());
        let mut facts = CertificateFacts {
            thumbprint: Thumbprint::from_bytes(digest),
            subject: DistinguishedName::of_certificate(rdns(self.read.subject())?),
            dns: Vec::new(),
            uris: Vec::new(),
            emails: Vec::new(),
            addresses: Vec::new(),
            not_before,
            not_after,
        };
        // An extension that stands there twice is an error here.
        let names = self.read.subject_alternative_name().ok()?;
        for name in names.map_or(&[][..], |extension| extension.value.general_names.as_slice()) {
            match name {
                GeneralName::DNSName(name) => facts.dns.push((*name).to_owned()),
                GeneralName::URI(uri) => facts.uris.push((*uri).to_owned()),
                GeneralName::RFC822Name(address) => facts.emails.push((*address).to_owned()),
                GeneralName::IPAddress(octets) => facts.addresses.push(address(octets)?),
                GeneralName::Invalid(..) => return None,
                GeneralName::OtherName(..)
                | GeneralName::X400Address(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EDIPartyName(_)
                | GeneralName::RegisteredID(_) => {}
            }
        }
        Some(facts)
    }

    /// From when until when it is valid.
    pub(super) fn validity(&self) -> (Timestamp, Timestamp) {
        let validity = self.read.validity();
        let [from, until] = [validity.not_before, validity.not_after].map(|at| at.timestamp());
        (Timestamp::from_seconds(from), Timestamp::from_seconds(until))
    }

    /// Whether it may vouch for others (RFC 5280 section 4.2.1.9).
    pub(super) fn is_authority(&self) -> bool {
        self.read.basic_constraints().is_ok_and(|found| found.is_some_and(|extension| extension.value.ca))
    }

    /// Whether its key may sign a handshake (RFC 5280 section 4.2.1.3): where it does not say what the key is for, it may.
    pub(super) fn may_sign(&self) -> bool {
        self.read.key_usage().is_ok_and(|found| found.is_none_or(|extension| extension.value.digital_signature()))
    }
}

/// The public key of a certificate, as numbers.
pub(crate) enum Spki {
    /// Without zeros in front.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// The object identifier of the curve, and the point, uncompressed.
    Ec { curve: String, point: Vec<u8> },
    /// RFC 8410.
    Ed25519(Vec<u8>),
}

impl Spki {
    /// That of a certificate in DER; none for one of a kind that we do not know.
    pub(crate) fn of_certificate(der: &[u8]) -> Option<Self> {
        Self::read(Certificate::read(der)?.read.public_key())
    }

    fn read(key: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let algorithm = key.algorithm.algorithm.to_id_string();
        let bytes = || key.subject_public_key.data.to_vec();
        match algorithm.as_str() {
            "1.2.840.113549.1.1.1" => match key.parsed().ok()? {
                PublicKey::RSA(rsa) => Some(Self::Rsa { n: bare(rsa.modulus), e: bare(rsa.exponent) }),
                PublicKey::EC(_)
                | PublicKey::DSA(_)
                | PublicKey::GostR3410(_)
                | PublicKey::GostR3410_2012(_)
                | PublicKey::Unknown(_) => None,
            },
            "1.2.840.10045.2.1" => {
                let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string();
                Some(Self::Ec { curve, point: bytes() })
            }
            "1.3.101.112" => Some(Self::Ed25519(bytes())),
            _ => None,
        }
    }
}

/// A number without zeros in front.
pub(crate) fn bare(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn rdns(name: &X509Name<'_>) -> Option<Vec<Rdn>> {
    let one = |rdn: &x509_parser::x509::RelativeDistinguishedName<'_>| {
        let mut read = Rdn::new();
        for attribute in rdn.iter() {
            let value = attribute.attr_value();
            let tag = value.header.tag().0;
            let value = match value.header.class() {
                Class::Universal => NameValue::of_der(tag, value.data),
                Class::Application | Class::ContextSpecific | Class::Private => {
                    NameValue::Other(tag, value.data.to_vec())
                }
            };
            // The same thing twice says nothing that a name could be registered as.
            if !read.insert((attribute.attr_type().to_id_string(), value)) {
                return None;
            }
        }
        Some(read)
    };
    name.iter_rdn().map(one).collect()
}

/// An address of the length that addresses have; a range, as in name constraints, is none.
fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}
