//! The certificate that a client shows: in the handshake where we end the TLS, or in a header of a proxy of ours that did.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use base64::{Engine, engine::general_purpose::STANDARD};
use chancery_domain::certificate::ClientCertificate;
use http::{HeaderMap, request::Parts};

use super::source;
use crate::{CertificateForm, Presented, front::Front};

/// The certificate of whoever sends this, where there is one. A header counts from trusted proxies alone; what anybody else
/// writes there is dropped.
pub(crate) fn shown(front: &Front, parts: &Parts) -> Option<Arc<ClientCertificate>> {
    if let Some(Presented(shown)) = parts.extensions.get() {
        return shown.clone();
    }
    let header = front.certificate_header.as_ref().filter(|_| source::is_proxied(&front.trusted_proxies, parts))?;
    let leaf = read(header.form, only(&parts.headers, header.name.as_str())?)?;
    let fits = !leaf.is_empty() && leaf.len() <= ClientCertificate::LONGEST;
    fits.then(|| Arc::new(ClientCertificate { leaf, intermediates: Vec::new() }))
}

/// The same for an endpoint that is called with a token.
pub(crate) struct Shown(pub(crate) Option<Arc<ClientCertificate>>);

impl FromRequestParts<Arc<Front>> for Shown {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Infallible> {
        Ok(Self(shown(front, parts)))
    }
}

/// The header, where it stands there once: of two nobody knows which one the proxy wrote.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn read(form: CertificateForm, value: &str) -> Option<Vec<u8>> {
    match form {
        CertificateForm::Rfc9440 => STANDARD.decode(value.strip_prefix(':')?.strip_suffix(':')?).ok(),
        CertificateForm::Base64 => STANDARD.decode(value).ok(),
        CertificateForm::Pem => {
            let text = unescaped(value)?;
            let body = text.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
            let body = body.strip_suffix("-----END CERTIFICATE-----")?;
            let lines: String = body.split_ascii_whitespace().collect();
            STANDARD.decode(lines).ok()
        }
    }
}

/// Text with its percent signs undone. A plus sign is itself: base64 has it.
fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DER: [u8; 5] = [0x30, 0x03, 0xFB, 0xEF, 0xFF];
    const TEXT: &str = "MAP77/8=";

    #[test]
    fn each_form_is_read_as_it_is_written() {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{TEXT}\n-----END CERTIFICATE-----\n");
        let escaped = pem.replace(' ', "%20").replace('\n', "%0A").replace('=', "%3D").replace('/', "%2F");
        for (form, good) in [
            (CertificateForm::Rfc9440, format!(":{TEXT}:")),
            (CertificateForm::Base64, TEXT.to_owned()),
            (CertificateForm::Pem, escaped.clone()),
            (CertificateForm::Pem, pem.trim().replace('\n', " ")),
        ] {
            assert_eq!(read(form, &good).as_deref(), Some(&DER[..]), "{good}");
        }
        for (form, bad) in [
            (CertificateForm::Rfc9440, TEXT.to_owned()),
            (CertificateForm::Rfc9440, format!(":{TEXT}")),
            (CertificateForm::Rfc9440, format!(":{TEXT}:, :{TEXT}:")),
            (CertificateForm::Base64, format!(":{TEXT}:")),
            (CertificateForm::Base64, "MAP77_8".to_owned()),
            (CertificateForm::Pem, TEXT.to_owned()),
            (CertificateForm::Pem, format!("{escaped}{escaped}")),
            (CertificateForm::Pem, format!("{escaped}%0")),
            (CertificateForm::Pem, format!("{escaped}%zz")),
        ] {
            assert_eq!(read(form, &bad), None, "{bad}");
        }
    }

    #[test]
    fn t080_a_header_that_stands_there_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.append("client-cert", ":AA==:".parse().expect("a value"));
        assert_eq!(only(&headers, "client-cert"), Some(":AA==:"));
        headers.append("client-cert", ":AA==:".parse().expect("a value"));
        assert_eq!(only(&headers, "client-cert"), None);
        assert_eq!(only(&headers, "other"), None);
    }
}
