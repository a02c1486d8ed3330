//! Proving a client by the certificate of its connection (RFC 8705 section 2).

use chancery_domain::{
    certificate::{CertificateFacts, ClientCertificate},
    client::Client,
    confirmation::Confirmation,
    ports::client_certificates::JudgeCertificates,
    time::Timestamp,
    view::TenantView,
    vocabulary::ClientAuthMethod,
};

use super::Credentials;
use crate::{Context, error::OAuthError};

/// Whether the certificate proves the client, by the method that it registered. Of a certificate that has expired nothing
/// is believed, whoever made it: the client said until when it is to be used.
pub(super) async fn proves(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    certificate: &ClientCertificate,
    now: Timestamp,
) -> bool {
    let Some(judge) = view.client_certificates.as_deref() else { return false };
    let Some(facts) = judge.read(certificate).filter(|facts| facts.is_valid_at(now)) else { return false };
    match client.certificate_method() {
        Some(ClientAuthMethod::Tls) => is_named(judge, client, certificate, &facts, now),
        Some(ClientAuthMethod::SelfSignedTls) => is_registered(cx, view, client, certificate).await,
        Some(
            ClientAuthMethod::Basic
            | ClientAuthMethod::Post
            | ClientAuthMethod::PrivateKeyJwt
            | ClientAuthMethod::SecretJwt
            | ClientAuthMethod::None,
        )
        | None => false,
    }
}

/// What the client's access tokens are bound to, where it registered that (RFC 8705 section 3). One that shows no certificate
/// then gets none: what it got without would be of use to whoever takes it.
pub(crate) fn binding(
    view: &TenantView,
    client: &Client,
    credentials: &Credentials,
) -> Result<Option<Confirmation>, OAuthError> {
    if !client.metadata.certificates.bound_tokens {
        return Ok(None);
    }
    let thumbprint = thumbprint(view, credentials.certificate.as_deref());
    thumbprint.map(Some).ok_or(OAuthError::invalid_request("tokens of this client are bound to a certificate: show it"))
}

/// Whether whoever shows that certificate, or none, may use a token that is bound like that.
pub(crate) fn is_bound_to(view: &TenantView, bound: Option<&Confirmation>, shown: Option<&ClientCertificate>) -> bool {
    match bound {
        None => true,
        Some(Confirmation::X5t(_)) => bound == thumbprint(view, shown).as_ref(),
        Some(Confirmation::Jkt(_)) => false,
    }
}

fn thumbprint(view: &TenantView, shown: Option<&ClientCertificate>) -> Option<Confirmation> {
    let facts = view.client_certificates.as_ref()?.read(shown?)?;
    Some(Confirmation::X5t(facts.thumbprint))
}

/// `tls_client_auth`: an authority of the tenant vouches for it, and it holds the one name that was registered.
fn is_named(
    judge: &dyn JudgeCertificates,
    client: &Client,
    certificate: &ClientCertificate,
    facts: &CertificateFacts,
    now: Timestamp,
) -> bool {
    let named = client.metadata.certificates.subject.as_ref().is_some_and(|subject| subject.is_in(facts));
    named && judge.vouches(certificate, now)
}

/// `self_signed_tls_client_auth`: by the keys of the client it is its own. Where it is not among them, the client may have
/// begun to use a new one.
async fn is_registered(cx: &Context, view: &TenantView, client: &Client, certificate: &ClientCertificate) -> bool {
    let tenant = view.tenant.id;
    let unknown = |why| {
        tracing::info!(client.id = client.id.as_str(), %why, "no certificate of the client can be verified");
    };
    match cx.client_key_sets.of(tenant, client).await {
        Ok(keys) if keys.certify(&certificate.leaf) => return true,
        Ok(_) => {}
        Err(why) => {
            unknown(why);
            return false;
        }
    }
    match cx.client_key_sets.refresh_for_unknown_kid(tenant, client).await {
        Ok(keys) => keys.certify(&certificate.leaf),
        Err(why) => {
            unknown(why);
            false
        }
    }
}
