//! `[http.mtls]`: how the certificates of clients reach us (RFC 8705).

use std::net::SocketAddr;

use chancery_domain::issuer::PublicUrl;
use chancery_http::{CertificateForm, CertificateHeader, TrustedProxies};

use super::{
    leaves::Leaves,
    sections::{ClientCertificates, TlsFiles, listen_at, tls},
};

/// How they do.
#[derive(Clone, Debug)]
pub(crate) struct MtlsSection {
    /// Where clients with certificates reach us, where that is another place than browsers have.
    pub public_url: Option<PublicUrl>,
    /// By which way.
    pub way: MtlsWay,
}

/// The two ways.
#[derive(Clone, Debug)]
pub(crate) enum MtlsWay {
    /// In the handshake, at a listener that is for nothing else.
    Listener(SocketAddr, TlsFiles),
    /// In a header of a proxy that ended the TLS.
    Header(CertificateHeader),
}

/// Reads it; none where certificates reach us by no way.
pub(super) fn read(
    leaves: &mut Leaves,
    front: (Option<&PublicUrl>, Option<&TlsFiles>),
    proxies: &TrustedProxies,
) -> Option<MtlsSection> {
    let (front_url, front_tls) = front;
    if !leaves.has("http.mtls") {
        return None;
    }
    let public_url = leaves
        .optional_by("http.mtls.public_url", |text| PublicUrl::parse(text).map_err(|fault| fault.rule.to_owned()));
    let listener = leaves.has("http.mtls.listen").then(|| listen_at(leaves, "http.mtls.listen")).flatten();
    let own_tls = tls(leaves, "http.mtls");
    let header = header(leaves, proxies);
    if leaves.has("http.mtls.listen") == leaves.has("http.mtls.header") {
        leaves.fault_at("http.mtls", "needs either listen, or the header of a proxy that ends the TLS");
        return None;
    }
    if let Some(header) = header {
        let moved = public_url.as_ref().zip(front_url).is_some_and(|(own, front)| own.base_path() != front.base_path());
        if moved {
            leaves
                .fault_at("http.mtls.public_url", "must have the path of public_url: both are served by one listener");
        }
        return Some(MtlsSection { public_url, way: MtlsWay::Header(header) });
    }
    let address = listener?;
    match &public_url {
        None if !leaves.has("http.mtls.public_url") => {
            leaves.missing("http.mtls.public_url", "it is where clients with certificates are sent");
        }
        Some(own) if !own.is_https() => leaves.fault_at("http.mtls.public_url", "must begin with https://"),
        Some(own) if front_url == Some(own) => {
            leaves.fault_at("http.mtls.public_url", "must not be public_url: browsers would be asked for certificates");
        }
        Some(_) | None => {}
    }
    let Some(files) = own_tls.or_else(|| front_tls.cloned()) else {
        if !leaves.has("http.mtls.tls_certificate") && !leaves.has("http.tls_certificate") {
            leaves.missing(
                "http.mtls.tls_certificate",
                "the listener speaks nothing but TLS, by these files or those of [http]",
            );
        }
        return None;
    };
    let files = TlsFiles { clients: ClientCertificates::JudgedLater, ..files };
    Some(MtlsSection { public_url, way: MtlsWay::Listener(address, files) })
}

/// A header says who the client is, so it is taken from proxies that are known by their addresses.
fn header(leaves: &mut Leaves, proxies: &TrustedProxies) -> Option<CertificateHeader> {
    let name = leaves.optional_by("http.mtls.header", |text| {
        text.to_ascii_lowercase().parse().map_err(|_| "must be the name of a header such as Client-Cert".to_owned())
    });
    let form = leaves.optional::<CertificateForm>("http.mtls.header_form").unwrap_or(CertificateForm::Rfc9440);
    if !leaves.has("http.mtls.header") && leaves.has("http.mtls.header_form") {
        leaves.missing("http.mtls.header", "a form needs the header that it is of");
    }
    match (name, proxies) {
        (Some(_), TrustedProxies::None | TrustedProxies::Every) => {
            let rule = "needs http.trusted_proxies to list the addresses of the proxies: whoever else writes this header \
                        could be any client";
            leaves.fault_at("http.mtls.header", rule);
            None
        }
        (Some(name), TrustedProxies::From(_)) => Some(CertificateHeader { name, form }),
        (None, _) => None,
    }
}

impl MtlsSection {
    /// The header, where that is the way.
    pub(crate) fn header(&self) -> Option<&CertificateHeader> {
        match &self.way {
            MtlsWay::Listener(..) => None,
            MtlsWay::Header(header) => Some(header),
        }
    }
}
