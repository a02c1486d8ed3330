//! How a client proves itself with a certificate (RFC 8705).

use serde::{Deserialize, Serialize};

use super::Client;
use crate::{certificate::CertificateSubject, fault::Malformed, vocabulary::ClientAuthMethod};

/// What a client registers about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientCertificates {
    /// The name that its certificate must hold, where an authority vouches for it (`tls_client_auth`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<CertificateSubject>,
    /// Whether its access tokens are bound to the certificate that it shows when it asks for them, all of them
    /// (`tls_client_certificate_bound_access_tokens`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bound_tokens: bool,
}

impl ClientCertificates {
    /// Whether nothing was registered.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Client {
    /// The one method of certificates by which it authenticates, if that is how.
    #[must_use]
    pub fn certificate_method(&self) -> Option<ClientAuthMethod> {
        self.auth_methods.iter().copied().find(|method| method.is_certificate())
    }

    /// Whether what it registered about its certificate fits together.
    pub(super) fn check_certificates(&self) -> Result<(), Malformed> {
        let (subject, method) = (&self.metadata.certificates.subject, self.certificate_method());
        if method.is_some() && self.auth_methods.len() > 1 {
            let rule = "must not join tls_client_auth or self_signed_tls_client_auth with another";
            return Err(Malformed::new("auth_methods", rule));
        }
        if method == Some(ClientAuthMethod::SelfSignedTls) && self.metadata.keys.is_none() {
            let rule = "must be there, or jwks_uri, for a client that shows a certificate of its own making";
            return Err(Malformed::new("jwks", rule));
        }
        let in_browser = self.metadata.response_types.iter().any(|it| it.has_access_token());
        if self.metadata.certificates.bound_tokens && in_browser {
            let rule = "must be false where response_types give access tokens to a browser, which shows no certificate";
            return Err(Malformed::new("tls_client_certificate_bound_access_tokens", rule));
        }
        if self.metadata.certificates.bound_tokens && self.metadata.tokens.dpop_bound {
            let rule = "must be false where dpop_bound_access_tokens is true: a token is bound to one key";
            return Err(Malformed::new("tls_client_certificate_bound_access_tokens", rule));
        }
        match (subject, method == Some(ClientAuthMethod::Tls)) {
            (Some(_), true) | (None, false) => Ok(()),
            (None, true) => Err(Malformed::new(
                "tls_client_auth_subject_dn",
                "must be there, or one of the tls_client_auth_san members, for a client that uses tls_client_auth",
            )),
            (Some(subject), false) => Err(Malformed::new(
                subject.kind().member(),
                "must be empty for a client that does not use tls_client_auth",
            )),
        }
    }
}
