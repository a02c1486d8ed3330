//! What stands between us and whoever calls, as far as the configuration says so.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use chancery_domain::{certificate::ClientCertificate, source_range::SourceRange};
use http::HeaderName;

/// Whose word about the caller is believed: `X-Forwarded-For`, and the header with the caller's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedProxies {
    /// Nobody's.
    None,
    /// That of every peer: none but a proxy reaches this listener.
    Every,
    /// That of peers at these addresses.
    From(Vec<SourceRange>),
}

impl TrustedProxies {
    /// Whether a peer at that address is believed.
    #[must_use]
    pub fn include(&self, peer: IpAddr) -> bool {
        match self {
            Self::None => false,
            Self::Every => true,
            Self::From(ranges) => ranges.iter().any(|range| range.contains(peer)),
        }
    }
}

/// The header in which a proxy that ends the TLS passes on the certificate that a client showed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateHeader {
    /// Its name.
    pub name: HeaderName,
    /// How the certificate stands in it.
    pub form: CertificateForm,
}

/// How a certificate stands in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateForm {
    /// As a byte sequence: base64 of the DER between colons (RFC 9440 section 2.2).
    Rfc9440,
    /// As PEM whose line breaks are escaped with percent signs.
    Pem,
    /// As base64 of the DER.
    Base64,
}

impl CertificateForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Rfc9440, Self::Pem, Self::Base64];

    /// Its name in the configuration.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rfc9440 => "rfc9440",
            Self::Pem => "pem",
            Self::Base64 => "base64",
        }
    }
}

impl FromStr for CertificateForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.label() == text).ok_or("must be rfc9440, pem or base64")
    }
}

/// What the client of a connection showed in the handshake, where we end the TLS: an extension of every request that comes
/// in by a listener that asks for certificates. Where it is there, no header counts.
#[derive(Clone)]
pub struct Presented(pub Option<Arc<ClientCertificate>>);

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({})", if self.0.is_some() { "a certificate" } else { "none" })
    }
}
