//! The client certificate of the connection. That its chain leads to a certificate authority of the configuration and
//! that its holder has the private key, the handshake has made sure of.

use std::time::Duration;

use chancery_domain::{admin_key::AdminReach, id::CertificateName, principal::Principal, time::Timestamp};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::{Authenticated, Known};
use crate::status::{Reason, Refusal};

/// The longest life of a client certificate: no list of revoked ones is looked at, so none may live on unnoticed.
const LONGEST_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// Whose the certificate is. Connections stand for long, so that it is still good is looked at with each call, and again
/// for who stays in one.
pub(super) fn find(certificate: &[u8], now: Timestamp) -> Result<Known, Refusal> {
    let (rest, certificate) = X509Certificate::from_der(certificate).map_err(|_| refused("cannot be read"))?;
    if !rest.is_empty() {
        return Err(refused("cannot be read"));
    }
    let validity = certificate.validity();
    let [from, until] = [validity.not_before, validity.not_after].map(|at| Timestamp::from_seconds(at.timestamp()));
    if until > from + LONGEST_LIFE {
        return Err(refused("lives for more than 90 days"));
    }
    if now < from || now > until {
        return Err(over());
    }
    Ok(Known {
        principal: Principal::Certificate(name(&certificate)?),
        authenticated: Authenticated::Certificate,
        within: AdminReach::Platform,
        key: None,
        // Names are given out by the authority, and it is its duty to give none to another holder.
        born: None,
        until: Some(until),
        token: None,
    })
}

/// The one DNS name or URI among the alternative names of the subject (RFC 5280 section 4.2.1.6). The subject itself is
/// not looked at, and of several names nobody could say which one is meant.
fn name(certificate: &X509Certificate<'_>) -> Result<CertificateName, Refusal> {
    let unreadable = |_| refused("has alternative names that cannot be read");
    let found = certificate.subject_alternative_name().map_err(unreadable)?;
    let names = found.map_or(&[][..], |extension| extension.value.general_names.as_slice());
    let mut told = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(dns(name)),
        GeneralName::URI(uri) => Some(uri.contains("://").then(|| (*uri).to_owned())),
        GeneralName::OtherName(..)
        | GeneralName::RFC822Name(_)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::IPAddress(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => None,
    });
    let (Some(name), None) = (told.next(), told.next()) else {
        return Err(refused("needs exactly one DNS name or URI as alternative name"));
    };
    name.and_then(|name| name.parse().ok()).ok_or_else(|| refused("has a name that is of no use"))
}

/// A DNS name in its one spelling. A wildcard names nobody.
fn dns(name: &str) -> Option<String> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    (!name.is_empty() && name.bytes().all(legal)).then(|| name.to_ascii_lowercase())
}

/// The refusal of a certificate that its authority gave out but that does not do here.
fn refused(why: &'static str) -> Refusal {
    Refusal::new(Reason::CertificateInvalid, format!("this client certificate is not accepted: it {why}"))
}

/// The refusal of a certificate at a time that it is not for.
pub(super) fn over() -> Refusal {
    refused("has expired, or is not valid yet")
}

/// The refusal of a certificate whose name has no role. Taking its roles away is how one is revoked.
pub(super) fn unknown() -> Refusal {
    Refusal::new(Reason::CertificateInvalid, "this client certificate is not accepted: its name has no role here")
}

#[cfg(test)]
mod tests;
