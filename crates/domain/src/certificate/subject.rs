//! The name by which a client is known in its certificate (RFC 8705 section 2.1.2).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{CertificateFacts, DistinguishedName};
use crate::fault::Malformed;

/// The one name that a certificate must hold. What a certificate holds besides does not count, and the common name of the
/// subject is no host, no address and no URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSubject {
    /// The subject's distinguished name, all of it.
    Dn(DistinguishedName),
    /// A DNS name among the alternative names, in small letters.
    Dns(String),
    /// A URI among them, character by character.
    Uri(String),
    /// An IP address among them.
    Ip(IpAddr),
    /// A mail address among them, character by character.
    Email(String),
}

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// `tls_client_auth_subject_dn`
    Dn,
    /// `tls_client_auth_san_dns`
    Dns,
    /// `tls_client_auth_san_uri`
    Uri,
    /// `tls_client_auth_san_ip`
    Ip,
    /// `tls_client_auth_san_email`
    Email,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Dn, Self::Dns, Self::Uri, Self::Ip, Self::Email];

    /// The member under which such a name is registered.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::Dn => "tls_client_auth_subject_dn",
            Self::Dns => "tls_client_auth_san_dns",
            Self::Uri => "tls_client_auth_san_uri",
            Self::Ip => "tls_client_auth_san_ip",
            Self::Email => "tls_client_auth_san_email",
        }
    }
}

impl CertificateSubject {
    /// Reads a name of that kind.
    pub fn read(kind: SubjectKind, text: &str) -> Result<Self, Malformed> {
        let refused = |rule| Err(Malformed::new(kind.member(), rule));
        match kind {
            SubjectKind::Dn => text.parse().map(Self::Dn),
            SubjectKind::Dns if is_host(text) => Ok(Self::Dns(text.to_ascii_lowercase())),
            SubjectKind::Dns => {
                refused("must be one DNS name in ASCII, without a wildcard and without a dot at its end")
            }
            SubjectKind::Uri if is_uri(text) => Ok(Self::Uri(text.to_owned())),
            SubjectKind::Uri => refused("must be an absolute URI of at most 2048 characters"),
            SubjectKind::Ip => match text.parse() {
                Ok(address) => Ok(Self::Ip(address)),
                Err(_) => refused("must be an IPv4 or IPv6 address"),
            },
            SubjectKind::Email if is_email(text) => Ok(Self::Email(text.to_owned())),
            SubjectKind::Email => refused("must be a mail address of at most 254 characters"),
        }
    }

    /// Reads the one name of several members of which all but one are empty; none where all are.
    pub fn one_of<'a>(sent: impl IntoIterator<Item = (SubjectKind, &'a str)>) -> Result<Option<Self>, Malformed> {
        let mut given = sent.into_iter().filter(|(_, text)| !text.is_empty());
        let first = given.next().map(|(kind, text)| Self::read(kind, text)).transpose()?;
        match given.next() {
            None => Ok(first),
            Some((second, _)) => {
                Err(Malformed::new(second.member(), "must be empty where another name of the certificate is given"))
            }
        }
    }

    /// What kind of name it is.
    #[must_use]
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Dn(_) => SubjectKind::Dn,
            Self::Dns(_) => SubjectKind::Dns,
            Self::Uri(_) => SubjectKind::Uri,
            Self::Ip(_) => SubjectKind::Ip,
            Self::Email(_) => SubjectKind::Email,
        }
    }

    /// The name as text, where it is of that kind.
    #[must_use]
    pub fn text(&self, kind: SubjectKind) -> Option<String> {
        (self.kind() == kind).then(|| match self {
            Self::Dn(name) => name.to_string(),
            Self::Dns(text) | Self::Uri(text) | Self::Email(text) => text.clone(),
            Self::Ip(address) => address.to_string(),
        })
    }

    /// Whether the certificate holds it.
    #[must_use]
    pub fn is_in(&self, certificate: &CertificateFacts) -> bool {
        match self {
            Self::Dn(name) => !name.is_empty() && *name == certificate.subject,
            Self::Dns(name) => certificate.dns.iter().any(|held| held.eq_ignore_ascii_case(name)),
            Self::Uri(uri) => certificate.uris.contains(uri),
            Self::Ip(address) => certificate.addresses.contains(address),
            Self::Email(address) => certificate.emails.contains(address),
        }
    }
}

fn is_host(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(legal);
    text.len() <= 253 && text.split('.').all(label)
}

fn is_uri(text: &str) -> bool {
    text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic()) && Url::parse(text).is_ok()
}

fn is_email(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    text.len() <= 254
        && text.bytes().all(|b| b.is_ascii_graphic())
        && parts.is_some_and(|(local, host)| !local.is_empty() && is_host(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{confirmation::Thumbprint, time::Timestamp};

    fn certificate() -> CertificateFacts {
        CertificateFacts {
            thumbprint: Thumbprint::from_bytes([0; 32]),
            subject: "CN=app.example,O=Example".parse().expect("a name"),
            dns: vec!["App.Example".into(), "*.wild.example".into()],
            uris: vec!["spiffe://example/billing".into()],
            emails: vec!["Ops@example.com".into()],
            addresses: vec!["192.0.2.7".parse().expect("an address"), "2001:db8::7".parse().expect("an address")],
            not_before: Timestamp::from_seconds(10),
            not_after: Timestamp::from_seconds(20),
        }
    }

    fn is_in(kind: SubjectKind, text: &str) -> bool {
        CertificateSubject::read(kind, text).expect(text).is_in(&certificate())
    }

    #[test]
    fn a_certificate_holds_the_names_that_it_says() {
        assert!(is_in(SubjectKind::Dn, "CN=app.example, O=Example"));
        assert!(is_in(SubjectKind::Dns, "app.example") && is_in(SubjectKind::Dns, "APP.EXAMPLE"));
        assert!(is_in(SubjectKind::Uri, "spiffe://example/billing"));
        assert!(is_in(SubjectKind::Ip, "192.0.2.7") && is_in(SubjectKind::Ip, "2001:DB8:0::7"));
        assert!(is_in(SubjectKind::Email, "Ops@example.com"));
    }

    #[test]
    fn t081_nothing_else_is_taken_for_the_name() {
        for (kind, text) in [
            (SubjectKind::Dn, "CN=app.example"),
            (SubjectKind::Dns, "a.wild.example"),
            (SubjectKind::Dns, "sub.app.example"),
            (SubjectKind::Dns, "example"),
            (SubjectKind::Uri, "spiffe://example/billing/"),
            (SubjectKind::Uri, "spiffe://Example/billing"),
            (SubjectKind::Ip, "192.0.2.8"),
            (SubjectKind::Ip, "::ffff:192.0.2.7"),
            (SubjectKind::Email, "ops@example.com"),
        ] {
            assert!(!is_in(kind, text), "{text}");
        }
        let by_name_alone = CertificateFacts { dns: Vec::new(), ..certificate() };
        let registered = CertificateSubject::read(SubjectKind::Dns, "app.example").expect("a name");
        assert!(!registered.is_in(&by_name_alone), "a common name is no DNS name");
        let nameless = CertificateFacts { subject: DistinguishedName::of_certificate(Vec::new()), ..certificate() };
        assert!(!CertificateSubject::Dn(DistinguishedName::of_certificate(Vec::new())).is_in(&nameless));
    }

    #[test]
    fn what_is_no_name_is_not_registered() {
        for (kind, text) in [
            (SubjectKind::Dn, "app.example"),
            (SubjectKind::Dns, "*.wild.example"),
            (SubjectKind::Dns, "app.example."),
            (SubjectKind::Dns, "app..example"),
            (SubjectKind::Dns, "häuser.example"),
            (SubjectKind::Uri, "billing"),
            (SubjectKind::Uri, "https://app.example/a b"),
            (SubjectKind::Ip, "192.0.2"),
            (SubjectKind::Ip, "10.0.0.0/8"),
            (SubjectKind::Email, "example.com"),
            (SubjectKind::Email, "@example.com"),
        ] {
            let refused = CertificateSubject::read(kind, text).expect_err(text);
            assert_eq!(refused.what, kind.member());
        }
    }

    #[test]
    fn there_is_one_name_at_most() {
        let sent = |texts: [&'static str; 5]| CertificateSubject::one_of(SubjectKind::ALL.into_iter().zip(texts));
        assert_eq!(sent([""; 5]), Ok(None));
        let one = sent(["", "app.example", "", "", ""]).expect("one").expect("a name");
        assert_eq!(SubjectKind::ALL.map(|kind| one.text(kind).unwrap_or_default()), ["", "app.example", "", "", ""]);
        let two = sent(["CN=a", "", "", "10.0.0.1", ""]).expect_err("two");
        assert_eq!(two.what, "tls_client_auth_san_ip");
    }

    #[test]
    fn a_certificate_is_valid_to_the_end_of_its_last_second() {
        let valid = |seconds| certificate().is_valid_at(Timestamp::from_seconds(seconds));
        assert_eq!([9, 10, 20, 21].map(valid), [false, true, true, false]);
    }
}
