//! The certificates that clients show (RFC 8705), read and judged. Whoever ended the TLS has made sure that their holder has
//! the private key; everything else is decided here, by the tenant and by the client.

mod reading;

use std::{fmt, sync::Arc, time::Duration};

use chancery_domain::{
    certificate::{CertificateFacts, ClientCertificate},
    fault::Malformed,
    ports::client_certificates::JudgeCertificates,
    time::Timestamp,
};
use rustls::{
    RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use reading::Certificate;
pub(crate) use reading::{Spki, bare};

/// The authorities that a tenant believes about its clients.
pub struct Authorities(Vec<Authority>);

/// One of them. The library looks at the time of everything below an authority, and of an authority itself at nothing but
/// its name and its key.
struct Authority {
    not_before: Timestamp,
    not_after: Timestamp,
    below: Arc<dyn ClientCertVerifier>,
}

impl Authorities {
    /// At most this many stand in the settings of a tenant.
    pub const MOST: usize = 20;

    /// A longer text is refused, in bytes.
    pub const LONGEST: usize = 16 * 1024;

    /// Those of the settings of a tenant. They were read before they were stored, so one that cannot be read vouches for
    /// nobody, and the others go on.
    #[must_use]
    pub fn of(texts: &[String]) -> Self {
        Self(texts.iter().filter_map(|text| Authority::read(text).ok()).collect())
    }

    /// Refuses what is not the certificate of an authority.
    pub fn check(text: &str) -> Result<(), Malformed> {
        Authority::read(text).map(drop)
    }
}

impl Authority {
    fn read(text: &str) -> Result<Self, Malformed> {
        let refused = |rule| Malformed::new("client_certificate_authorities", rule);
        let whole = refused("must be one certificate in PEM, of at most 16 KiB, and nothing else");
        let blocks = text.matches("-----BEGIN ").count();
        if text.len() > Authorities::LONGEST || blocks != 1 {
            return Err(whole);
        }
        let der = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| whole.clone())?;
        let read = Certificate::read(&der).ok_or(whole)?;
        if !read.is_authority() {
            return Err(refused("must be the certificate of an authority (a CA), not one that it gave out"));
        }
        let (not_before, not_after) = read.validity();
        let unfit = |_| refused("must have a name and a key that certificates can be verified with");
        let mut roots = RootCertStore::empty();
        roots.add(der).map_err(unfit)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let below = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let below = below.map_err(|_| refused("must have a name and a key that certificates can be verified with"))?;
        Ok(Self { not_before, not_after, below })
    }

    fn vouches(&self, certificate: &ClientCertificate, now: Timestamp) -> bool {
        let Ok(since) = u64::try_from(now.seconds()) else { return false };
        let leaf = CertificateDer::from(certificate.leaf.as_slice());
        let between: Vec<_> =
            certificate.intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let moment = UnixTime::since_unix_epoch(Duration::from_secs(since));
        let lives = self.not_before <= now && now <= self.not_after;
        lives && self.below.verify_client_cert(&leaf, &between, moment).is_ok()
    }
}

impl JudgeCertificates for Authorities {
    fn read(&self, certificate: &ClientCertificate) -> Option<CertificateFacts> {
        Certificate::read(&certificate.leaf)?.facts()
    }

    fn vouches(&self, certificate: &ClientCertificate, now: Timestamp) -> bool {
        let signs = Certificate::read(&certificate.leaf).is_some_and(|leaf| leaf.may_sign());
        let few = certificate.intermediates.len() <= ClientCertificate::MOST_INTERMEDIATES;
        signs && few && self.0.iter().any(|authority| authority.vouches(certificate, now))
    }

    fn has_authorities(&self) -> bool {
        !self.0.is_empty()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests;
