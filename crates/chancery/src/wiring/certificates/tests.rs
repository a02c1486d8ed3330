//! What is taken over from files, and what is not.

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;

use super::*;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a directory"));
        folder.write(&made());
        folder
    }

    fn files(&self) -> TlsFiles {
        let file = |name: &str| self.0.path().join(name);
        TlsFiles { certificate: file("certificate.pem"), key: file("key.pem"), clients: ClientCertificates::NotAsked }
    }

    fn write(&self, pair: &CertifiedKey<KeyPair>) {
        self.write_certificate(pair);
        std::fs::write(self.files().key, pair.signing_key.serialize_pem()).expect("written");
    }

    fn write_certificate(&self, pair: &CertifiedKey<KeyPair>) {
        std::fs::write(self.files().certificate, pair.cert.pem()).expect("written");
    }

    fn read(&self) -> Certificates {
        Certificates::read(&self.files(), &[b"h2"]).expect("a good pair").0
    }
}

fn made() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["id.example".to_owned()]).expect("a certificate")
}

#[test]
fn only_what_changed_is_taken_over() {
    let folder = Folder::new();
    let mut certificates = folder.read();
    assert!(certificates.look().expect("looked").is_none());
    folder.write(&made());
    let settings = certificates.look().expect("looked").expect("new");
    assert_eq!(settings.alpn_protocols, [b"h2".to_vec()]);
    assert!(certificates.look().expect("looked").is_none());
}

#[test]
fn a_pair_that_is_half_written_is_refused_until_it_is_whole() {
    let folder = Folder::new();
    let mut certificates = folder.read();
    let new = made();
    folder.write_certificate(&new);
    let error = certificates.look().expect_err("the key is another one's");
    assert!(error.to_string().contains("do not go together"), "{error}");
    assert!(certificates.look().is_err(), "and still is");
    folder.write(&new);
    assert!(certificates.look().expect("looked").is_some());
}

#[test]
fn what_is_no_certificate_is_refused() {
    let folder = Folder::new();
    let mut certificates = folder.read();
    for text in
        ["", "-----BEGIN CERTIFICATE-----\nAAAA", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        std::fs::write(folder.files().certificate, text).expect("written");
        assert!(certificates.look().is_err(), "{text}");
    }
    std::fs::remove_file(folder.files().certificate).expect("removed");
    assert!(certificates.look().is_err());
}

#[test]
fn who_asks_for_client_certificates_resumes_no_session() {
    let folder = Folder::new();
    for clients in [ClientCertificates::Of(folder.files().certificate), ClientCertificates::JudgedLater] {
        let files = TlsFiles { clients, ..folder.files() };
        let (_, settings) = Certificates::read(&files, &[b"h2"]).expect("a good pair");
        assert_eq!(settings.send_tls13_tickets, 0);
        assert!(!settings.session_storage.can_cache());
    }
    let files = TlsFiles { clients: ClientCertificates::Of(folder.files().certificate), ..folder.files() };
    std::fs::write(&files.key, "").expect("written");
    assert!(Certificates::read(&files, &[b"h2"]).is_err());
}
