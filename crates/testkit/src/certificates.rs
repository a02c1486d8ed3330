//! Certificates that prove nothing: what they say stands in them as JSON.

use chancery_domain::{
    certificate::{CertificateFacts, ClientCertificate, DistinguishedName},
    confirmation::Thumbprint,
    ports::client_certificates::JudgeCertificates,
    secret::Digest,
    time::Timestamp,
};
use serde_json::{Value, json};

/// A certificate in a test. [`client_jose`](crate::client_jose) holds it for that of the key whose `kid` it names.
#[derive(Clone, Copy, Debug)]
pub struct FakeCertificate<'a> {
    /// Whether the authority vouches for it.
    pub vouched: bool,
    /// The subject, in the text of RFC 4514.
    pub subject: &'a str,
    /// The one DNS name.
    pub dns: &'a str,
    /// The `kid` of its key.
    pub kid: &'a str,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl FakeCertificate<'_> {
    /// The certificate as somebody shows it.
    #[must_use]
    pub fn shown(&self) -> ClientCertificate {
        let said = json!({ "vouched": self.vouched, "subject": self.subject, "dns": self.dns, "kid": self.kid,
            "from": self.not_before.seconds(), "until": self.not_after.seconds() });
        ClientCertificate { leaf: said.to_string().into_bytes(), intermediates: Vec::new() }
    }
}

/// Judges them, with an authority or without.
#[derive(Clone, Copy, Debug)]
pub struct FakeAuthorities(pub bool);

impl JudgeCertificates for FakeAuthorities {
    fn read(&self, certificate: &ClientCertificate) -> Option<CertificateFacts> {
        let said = said(&certificate.leaf)?;
        let time = |member: &str| said[member].as_i64().map(Timestamp::from_seconds);
        let subject = said["subject"].as_str().filter(|text| !text.is_empty()).map(str::parse::<DistinguishedName>);
        Some(CertificateFacts {
            thumbprint: Thumbprint::from_bytes(*Digest::of("certificate", &certificate.leaf).bytes()),
            subject: subject.transpose().ok()?.unwrap_or_else(|| DistinguishedName::of_certificate(Vec::new())),
            dns: vec![said["dns"].as_str()?.to_owned()],
            uris: Vec::new(),
            emails: Vec::new(),
            addresses: Vec::new(),
            not_before: time("from")?,
            not_after: time("until")?,
        })
    }

    fn vouches(&self, certificate: &ClientCertificate, now: Timestamp) -> bool {
        let vouched = said(&certificate.leaf).is_some_and(|said| said["vouched"] == true);
        self.0 && vouched && self.read(certificate).is_some_and(|facts| facts.is_valid_at(now))
    }

    fn has_authorities(&self) -> bool {
        self.0
    }
}

/// What a certificate says.
pub(crate) fn said(leaf: &[u8]) -> Option<Value> {
    serde_json::from_slice(leaf).ok()
}
