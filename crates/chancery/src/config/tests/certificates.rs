//! How the certificates of clients may reach us, and how they may not.

use chancery_http::{CertificateForm, TrustedProxies};

use super::*;

fn with(lines: &str) -> String {
    GOOD.replace("[database]", &format!("[http]\n{lines}\n[database]"))
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a directory"));
        for name in ["chain.pem", "key.pem"] {
            std::fs::write(folder.0.path().join(name), "").expect("written");
        }
        folder
    }

    fn tls(&self) -> String {
        let file = |name| self.0.path().join(name).display().to_string();
        format!("tls_certificate = \"{}\"\ntls_key = \"{}\"\n", file("chain.pem"), file("key.pem"))
    }
}

const LISTENER: &str = "[http.mtls]\nlisten = \"127.0.0.1:8444\"\npublic_url = \"https://mtls.id.example\"\n";

#[test]
fn proxies_are_trusted_by_their_addresses() {
    let read = |line: &str| parse("c.toml", &with(line), []).map(|config| config.trusted_proxies);
    assert_eq!(read("").expect("in order"), TrustedProxies::None);
    assert_eq!(read("trusted_proxies = false").expect("in order"), TrustedProxies::None);
    assert_eq!(read("trusted_proxies = true").expect("in order"), TrustedProxies::Every);
    let listed = read("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]").expect("in order");
    assert!(listed.include([10, 1, 2, 3].into()) && !listed.include([127, 0, 0, 1].into()));
    let by_variable = [("CHANCERY_HTTP__TRUSTED_PROXIES".to_owned(), "10.0.0.1, 10.0.0.2".to_owned())];
    let config = parse("c.toml", GOOD, by_variable).expect("in order");
    assert!(config.trusted_proxies.include([10, 0, 0, 2].into()));
    let wrong = faults(&with("trusted_proxies = [\"10.0.0.1/8\"]"), &[]);
    assert!(wrong.contains("c.toml:5: http.trusted_proxies.0: true, false, or a list"), "{wrong}");
    assert!(faults(&with("trusted_proxies = \"yes\""), &[]).contains("http.trusted_proxies: "));
}

#[test]
fn a_listener_for_certificates_has_a_place_and_files() {
    let folder = Folder::new();
    for good in [format!("{}{LISTENER}", folder.tls()), format!("{LISTENER}{}", folder.tls())] {
        let config = parse("c.toml", &with(&good), []).unwrap_or_else(|faults| panic!("{faults}"));
        let mtls = config.mtls.expect("a section");
        assert!(matches!(&mtls.way, MtlsWay::Listener(address, files)
            if address.port() == 8444 && matches!(files.clients, ClientCertificates::JudgedLater)));
        assert!(mtls.header().is_none());
    }
    assert!(parse("c.toml", GOOD, []).expect("in order").mtls.is_none());
    for (lines, expected) in [
        (LISTENER.to_owned(), "http.mtls.tls_certificate is missing"),
        (format!("{}[http.mtls]\nlisten = \"127.0.0.1:1\"", folder.tls()), "http.mtls.public_url is missing"),
        (format!("{}{}", folder.tls(), LISTENER.replace("mtls.", "")), "http.mtls.public_url: must not be public_url"),
        (format!("{}{}", folder.tls(), LISTENER.replace("8444", "x")), "http.mtls.listen: must be an address"),
        ("[http.mtls]\npublic_url = \"https://a.example\"".to_owned(), "http.mtls: needs either listen, or the header"),
        (format!("{}{LISTENER}verify = true", folder.tls()), "unknown name http.mtls.verify"),
    ] {
        let said = faults(&with(&lines), &[]);
        assert!(said.contains(expected), "{expected}\nnot in\n{said}");
    }
}

#[test]
fn t080_a_header_counts_from_proxies_that_are_named() {
    let section = "[http.mtls]\nheader = \"Client-Cert\"\n";
    let config = parse("c.toml", &with(&format!("trusted_proxies = [\"10.0.0.1\"]\n{section}")), []);
    let header = config.expect("in order").mtls.expect("a section").header().cloned().expect("a header");
    assert_eq!((header.name.as_str(), header.form), ("client-cert", CertificateForm::Rfc9440));
    for proxies in ["", "trusted_proxies = true\n", "trusted_proxies = false\n"] {
        let said = faults(&with(&format!("{proxies}{section}")), &[]);
        assert!(said.contains("http.mtls.header: needs http.trusted_proxies to list"), "{said}");
    }
    let both = format!("trusted_proxies = [\"10.0.0.1\"]\n{}{LISTENER}header = \"x\"\n", Folder::new().tls());
    assert!(faults(&with(&both), &[]).contains("needs either listen, or the header"));
    let form = format!("trusted_proxies = [\"10.0.0.1\"]\n{section}header_form = \"der\"\n");
    assert!(faults(&with(&form), &[]).contains("http.mtls.header_form: must be rfc9440, pem or base64"));
    let moved = format!("trusted_proxies = [\"10.0.0.1\"]\n{section}public_url = \"https://id.example/mtls\"\n");
    assert!(faults(&with(&moved), &[]).contains("must have the path of public_url"));
}
