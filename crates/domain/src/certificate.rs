//! The certificates that clients show (RFC 8705): what comes in, what it says, and the name that a client registers.

mod name;
mod subject;

use std::{fmt, net::IpAddr};

use crate::{confirmation::Thumbprint, time::Timestamp};

pub use self::name::{DistinguishedName, NameValue, Rdn};
pub use self::subject::{CertificateSubject, SubjectKind};

/// A certificate that somebody showed in a TLS handshake, as it came. That its holder has the private key, whoever ended
/// the TLS has made sure of; nothing else is known of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, in DER.
    pub leaf: Vec<u8>,
    /// Those that were sent with it, in DER: perhaps the way to an authority.
    pub intermediates: Vec<Vec<u8>>,
}

impl ClientCertificate {
    /// A longer one is not looked at, in bytes.
    pub const LONGEST: usize = 32 * 1024;

    /// At most this many are taken with it.
    pub const MOST_INTERMEDIATES: usize = 8;
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({} bytes)", self.leaf.len())
    }
}

/// What a certificate says of its holder, which nobody may have vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The SHA-256 digest of its DER.
    pub thumbprint: Thumbprint,
    /// The distinguished name of the subject.
    pub subject: DistinguishedName,
    /// The DNS names among the alternative names of the subject (RFC 5280 section 4.2.1.6), as they stand there.
    pub dns: Vec<String>,
    /// The URIs among them.
    pub uris: Vec<String>,
    /// The mail addresses among them.
    pub emails: Vec<String>,
    /// The IP addresses among them.
    pub addresses: Vec<IpAddr>,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when, that moment included.
    pub not_after: Timestamp,
}

impl CertificateFacts {
    /// Whether it is valid at that time.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}
