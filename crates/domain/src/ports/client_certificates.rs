//! The certificates of clients (RFC 8705), read and judged. The keys room answers.

use std::fmt;

use crate::{
    certificate::{CertificateFacts, ClientCertificate},
    time::Timestamp,
};

/// Reads the certificates that a tenant's clients show, and judges them by the tenant's authorities.
pub trait JudgeCertificates: Send + Sync + fmt::Debug {
    /// What the certificate says; none where it cannot be read to the end, or says a thing twice.
    fn read(&self, certificate: &ClientCertificate) -> Option<CertificateFacts>;

    /// Whether one of the tenant's authorities vouches for it, now and for a client that authenticates itself (RFC 5280
    /// section 6): validity of the whole chain, constraints, and what its key may be used for.
    fn vouches(&self, certificate: &ClientCertificate, now: Timestamp) -> bool;

    /// Whether there is an authority that could.
    fn has_authorities(&self) -> bool;
}
