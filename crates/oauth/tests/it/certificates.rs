//! Clients that prove themselves by the certificate of their connection (RFC 8705 section 2).

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    certificate::{CertificateSubject, ClientCertificate, SubjectKind},
    client::{Client, ClientKeys},
    time::Clock,
    view::TenantView,
    vocabulary::{Algorithm, ClientAuthMethod},
};
use chancery_oauth::client_auth::{Credentials, authenticate};
use chancery_testkit::{
    builders,
    certificates::{FakeAuthorities, FakeCertificate},
    client_jose::FakeClientKey,
};

use crate::front::{Front, form};

const REFUSED: &str = "invalid_client: client authentication failed";
const DAY: Duration = Duration::from_secs(86_400);

/// A front whose client `site` shows certificates.
struct Showing {
    front: Front,
    view: TenantView,
}

impl Showing {
    async fn by(method: ClientAuthMethod) -> Self {
        let front = Front::new().await;
        let mut view = builders::view(front.view.tenant.clone(), front.clock.now());
        view.client_certificates = Some(Arc::new(FakeAuthorities(true)));
        let this = Self { front, view };
        let mut site = this.front.site.clone();
        site.auth_methods = [method].into();
        if method == ClientAuthMethod::Tls {
            let name = CertificateSubject::read(SubjectKind::Dns, "site.example").expect("a name");
            site.metadata.certificates.subject = Some(name);
        } else {
            site.metadata.keys = Some(ClientKeys::Jwks(FakeClientKey::new("one", Algorithm::Es256).jwks()));
        }
        this.becomes(site).await;
        this
    }

    async fn becomes(&self, mut site: Client) {
        let rows = self.front.cx.store.read(self.view.tenant.id);
        site.version = rows.clients().find(&site.id).await.expect("read").expect("there").version;
        self.front.update(&site.checked().expect("fits together")).await;
    }

    fn good(&self) -> FakeCertificate<'static> {
        let now = self.front.clock.now();
        FakeCertificate {
            vouched: true,
            subject: "CN=site",
            dns: "site.example",
            kid: "one",
            not_before: now,
            not_after: now + DAY,
        }
    }

    async fn outcome(&self, parameters: &[(&str, &str)], shown: Option<ClientCertificate>) -> String {
        let read = Credentials::read(&self.view, None, &form(parameters));
        let proven = match read.map(|credentials| credentials.shown_with(shown.map(Arc::new))) {
            Ok(credentials) => authenticate(&self.front.cx, &self.view, &credentials).await,
            Err(error) => Err(error),
        };
        proven.map_or_else(|error| error.to_string(), |client| client.id.to_string())
    }

    async fn with(&self, certificate: FakeCertificate<'_>) -> String {
        self.outcome(&[("client_id", "site")], Some(certificate.shown())).await
    }
}

#[tokio::test]
async fn a_certificate_of_an_authority_proves_the_client_that_it_names() {
    let it = Showing::by(ClientAuthMethod::Tls).await;
    assert_eq!(it.with(it.good()).await, "site");
    assert_eq!(it.with(FakeCertificate { kid: "another", ..it.good() }).await, "site", "its key may change");
}

#[tokio::test]
async fn t081_a_certificate_that_does_not_do_is_refused_like_everything_else() {
    let it = Showing::by(ClientAuthMethod::Tls).await;
    let now = it.front.clock.now();
    for (what, bad) in [
        ("of nobody", FakeCertificate { vouched: false, ..it.good() }),
        ("of another name", FakeCertificate { dns: "other.example", ..it.good() }),
        ("with a wildcard", FakeCertificate { dns: "*.example", ..it.good() }),
        ("with a common name alone", FakeCertificate { dns: "", subject: "CN=site.example", ..it.good() }),
        ("not valid yet", FakeCertificate { not_before: now + DAY, not_after: now + 2 * DAY, ..it.good() }),
    ] {
        assert_eq!(it.with(bad).await, REFUSED, "{what}");
    }
    let good = it.good();
    it.front.clock.advance(2 * DAY);
    assert_eq!(it.with(good).await, REFUSED, "expired");
    let garbage = ClientCertificate { leaf: b"garbage".to_vec(), intermediates: Vec::new() };
    assert_eq!(it.outcome(&[("client_id", "site")], Some(garbage)).await, REFUSED);
    assert_eq!(it.outcome(&[("client_id", "site")], None).await, REFUSED, "nothing shown");
    assert_eq!(it.outcome(&[("client_id", "nobody")], Some(it.good().shown())).await, REFUSED);
}

#[tokio::test]
async fn a_certificate_of_its_own_proves_a_client_by_its_key() {
    let it = Showing::by(ClientAuthMethod::SelfSignedTls).await;
    assert_eq!(it.with(FakeCertificate { vouched: false, dns: "whoever", ..it.good() }).await, "site");
    assert_eq!(it.with(FakeCertificate { kid: "another", ..it.good() }).await, REFUSED);
    let good = it.good();
    it.front.clock.advance(2 * DAY);
    assert_eq!(it.with(good).await, REFUSED, "t081: expired");
}

#[tokio::test]
async fn t071_each_client_has_its_one_way() {
    let it = Showing::by(ClientAuthMethod::Tls).await;
    let secret = it.front.secret.expose().to_owned();
    let post = [("client_id", "site"), ("client_secret", secret.as_str())];
    assert_eq!(it.outcome(&post, None).await, REFUSED, "the secret is still there, the method is not");
    assert_eq!(it.outcome(&post, Some(it.good().shown())).await, REFUSED, "nor does it count beside a certificate");

    let own = Showing::by(ClientAuthMethod::SelfSignedTls).await;
    assert_eq!(own.with(FakeCertificate { kid: "another", ..own.good() }).await, REFUSED, "nobody vouches here");

    it.becomes(it.front.site.clone()).await;
    assert_eq!(it.with(it.good()).await, REFUSED, "a client with a secret needs it");
    assert_eq!(it.outcome(&post, Some(it.good().shown())).await, "site", "and may show a certificate besides");
    let public = [("client_id", "app")];
    assert_eq!(it.outcome(&public, Some(it.good().shown())).await, "app", "which a public one may too");
}

#[tokio::test]
async fn where_no_certificate_reaches_the_deployment_none_proves_anything() {
    let mut it = Showing::by(ClientAuthMethod::Tls).await;
    it.view.client_certificates = Some(Arc::new(FakeAuthorities(false)));
    assert_eq!(it.with(it.good()).await, REFUSED, "the tenant believes no authority");
    assert!(it.view.offers(ClientAuthMethod::SelfSignedTls) && !it.view.offers(ClientAuthMethod::Tls));
    it.view.client_certificates = None;
    assert_eq!(it.with(it.good()).await, REFUSED);
    assert!(!it.view.offers(ClientAuthMethod::SelfSignedTls));
}

#[tokio::test]
async fn what_is_registered_fits_together() {
    let it = Showing::by(ClientAuthMethod::Tls).await;
    let mut site = it.front.site.clone();
    let name = CertificateSubject::read(SubjectKind::Ip, "192.0.2.7").expect("a name");
    let refused = |site: &Client| site.clone().checked().expect_err("refused").what;
    site.metadata.certificates.subject = Some(name.clone());
    assert_eq!(refused(&site), "tls_client_auth_san_ip", "a name for nothing");
    site.auth_methods = [ClientAuthMethod::Tls, ClientAuthMethod::Basic].into();
    assert_eq!(refused(&site), "auth_methods");
    site.auth_methods = [ClientAuthMethod::Tls].into();
    assert!(site.clone().checked().is_ok());
    site.metadata.certificates.subject = None;
    assert_eq!(refused(&site), "tls_client_auth_subject_dn");
    site.auth_methods = [ClientAuthMethod::SelfSignedTls].into();
    assert_eq!(refused(&site), "jwks");
    site.auth_methods = [ClientAuthMethod::SelfSignedTls, ClientAuthMethod::None].into();
    assert_eq!(refused(&site), "auth_methods");
}
