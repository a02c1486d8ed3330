//! The name by which a client is known in its certificate, and whether its tokens are bound to that.

use chancery_domain::{
    certificate::{CertificateSubject, SubjectKind},
    client::ClientCertificates,
};
use chancery_proto::v1;

use crate::status::Refusal;

/// Reads it: one member of five at most.
pub(super) fn read(sent: &v1::Client) -> Result<ClientCertificates, Refusal> {
    let texts = SubjectKind::ALL.map(|kind| match kind {
        SubjectKind::Dn => (kind, sent.tls_client_auth_subject_dn.as_str()),
        SubjectKind::Dns => (kind, sent.tls_client_auth_san_dns.as_str()),
        SubjectKind::Uri => (kind, sent.tls_client_auth_san_uri.as_str()),
        SubjectKind::Ip => (kind, sent.tls_client_auth_san_ip.as_str()),
        SubjectKind::Email => (kind, sent.tls_client_auth_san_email.as_str()),
    });
    let subject = CertificateSubject::one_of(texts);
    let subject = subject.map_err(|malformed| Refusal::malformed(format!("client.{}", malformed.what), &malformed))?;
    Ok(ClientCertificates { subject, bound_tokens: sent.tls_client_certificate_bound_access_tokens })
}
