//! Callers with client certificates.

use std::{sync::Arc, time::Duration};

use chancery_admin::Tls;
use chancery_domain::{admin_key::AdminReach, principal::Principal, role::BuiltInRole, time::Clock};
use chancery_proto::v1::ListTenantsRequest;
use chancery_testkit::FakeClock;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, GeneralSubtree, IsCa, Issuer, KeyPair, NameConstraints,
    date_time_ymd, generate_simple_self_signed,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, UnixTime},
    server::WebPkiClientVerifier,
    time_provider::TimeProvider,
};
use tonic::{
    Code,
    transport::{Certificate, ClientTlsConfig, Identity},
};

use crate::{
    access_tokens::{begun, end},
    world::{World, refusal},
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(params: CertificateParams) -> Authority {
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

fn ca() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A certificate of that name, good from 1 March 2026 for so many days.
fn leaf(name: &str, days: u32) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2026, 3, 1);
    params.not_after = params.not_before + Duration::from_secs(86_400) * days;
    params
}

fn issued(params: &CertificateParams, by: &Issuer<'_, KeyPair>, chain: &str) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, by).expect("a certificate");
    Identity::from_pem(format!("{}{chain}", certificate.pem()), key.serialize_pem())
}

/// The clock of the test, for handshakes.
#[derive(Debug)]
struct Standing(Arc<FakeClock>);

impl TimeProvider for Standing {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(self.0.now().seconds()).ok()?)))
    }
}

/// A server that believes the certificates of an authority.
struct Scene {
    world: World,
    trust: ClientTlsConfig,
}

impl Scene {
    async fn new(trusted: &Authority) -> Self {
        let clock = Arc::new(FakeClock::new());
        let own = generate_simple_self_signed(["admin.example".to_owned()]).expect("a certificate");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(trusted.der().clone()).expect("a root");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.allow_unauthenticated().build().expect("a verifier");
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("versions").with_client_cert_verifier(verifier);
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let mut settings = builder.with_single_cert(vec![own.cert.der().clone()], key).expect("a pair");
        settings.alpn_protocols = vec![b"h2".to_vec()];
        settings.time_provider = Arc::new(Standing(Arc::clone(&clock)));
        let trust =
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(own.cert.pem())).domain_name("admin.example");
        let world = World::with_tls_at(clock, Arc::new(Tls::new(Arc::new(settings))), trust.clone()).await;
        Self { world, trust }
    }

    /// The channel is from now on one of the holder of that certificate.
    fn show(&mut self, identity: Identity) {
        let tls = self.trust.clone().identity(identity);
        self.world.reached_by(|endpoint| endpoint.tls_config(tls).expect("a configuration"));
    }

    async fn lists(&self, entries: &[&str]) -> Result<(), (Code, String)> {
        match self.world.caller_with(entries).tenants.list_tenants(ListTenantsRequest::default()).await {
            Ok(_) => Ok(()),
            Err(status) => Err(refusal::<()>(Err(status))),
        }
    }
}

fn member(name: &str) -> Principal {
    format!("certificates/{name}").parse().expect("a member")
}

fn refused() -> Result<(), (Code, String)> {
    Err((Code::Unauthenticated, "CERTIFICATE_INVALID".to_owned()))
}

#[tokio::test]
async fn t278_a_certificate_may_do_what_its_name_may_and_nothing_once_that_is_taken_away() {
    let trusted = authority(ca());
    let mut scene = Scene::new(&trusted).await;
    scene.show(issued(&leaf("ops.example", 60), &trusted, ""));
    assert_eq!(scene.lists(&[]).await, refused(), "nobody gave it a role");
    let auditor = scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformAuditor, member("ops.example")).await;
    assert_eq!(scene.lists(&[]).await, Ok(()));
    scene.world.unbind(&auditor).await;
    assert_eq!(scene.lists(&[]).await, refused());
    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member("other.example")).await;
    assert_eq!(scene.lists(&[]).await, refused(), "the role is another name's");
}

#[tokio::test]
async fn t276_a_certificate_is_over_while_its_connection_stands() {
    let trusted = authority(ca());
    let mut scene = Scene::new(&trusted).await;
    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member("ops.example")).await;
    // The clock of the test stands at noon of 1 March.
    scene.show(issued(&leaf("ops.example", 1), &trusted, ""));
    assert_eq!(scene.lists(&[]).await, Ok(()));
    let stream = begun(&mut scene.world.caller_with(&[])).await;
    scene.world.clock.advance(Duration::from_secs(12 * 3600 + 1));
    assert_eq!(scene.lists(&[]).await, refused());
    assert_eq!(
        refusal::<()>(Err(end(stream).await)),
        refused().expect_err("a refusal"),
        "whoever stays is asked again"
    );
}

#[tokio::test]
async fn t278_a_certificate_that_lives_too_long_or_has_two_names_is_nobodys() {
    let trusted = authority(ca());
    let mut scene = Scene::new(&trusted).await;
    for name in ["ops.example", "root.example"] {
        scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member(name)).await;
    }
    scene.show(issued(&leaf("ops.example", 91), &trusted, ""));
    assert_eq!(scene.lists(&[]).await, refused());
    let mut two = CertificateParams::new(vec!["ops.example".to_owned(), "root.example".to_owned()]).expect("names");
    two.not_before = date_time_ymd(2026, 3, 1);
    two.not_after = date_time_ymd(2026, 3, 31);
    scene.show(issued(&two, &trusted, ""));
    assert_eq!(scene.lists(&[]).await, refused());
}

#[tokio::test]
async fn t278_a_certificate_of_another_authority_or_time_gets_no_connection() {
    let (trusted, foreign) = (authority(ca()), authority(ca()));
    let mut scene = Scene::new(&trusted).await;
    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member("ops.example")).await;
    let mut later = leaf("ops.example", 60);
    later.not_before = date_time_ymd(2026, 3, 2);
    let mut over = leaf("ops.example", 60);
    over.not_before = date_time_ymd(2026, 1, 1);
    over.not_after = date_time_ymd(2026, 2, 1);
    for (params, by) in [(leaf("ops.example", 60), &foreign), (later, &trusted), (over, &trusted)] {
        scene.show(issued(&params, by, ""));
        let answer = scene.world.caller_with(&[]).tenants.list_tenants(ListTenantsRequest::default()).await;
        assert_eq!(answer.expect_err("no connection").details(), b"", "the handshake refuses it");
    }
}

#[tokio::test]
async fn t278_an_authority_for_some_names_gives_out_no_other() {
    let trusted = authority(ca());
    let mut scene = Scene::new(&trusted).await;
    for name in ["a.team.example", "root.example"] {
        scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member(name)).await;
    }
    let mut params = ca();
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("team.example".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let team = CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), &trusted).expect("an authority");
    scene.show(issued(&leaf("a.team.example", 60), &team, &team.pem()));
    assert_eq!(scene.lists(&[]).await, Ok(()));
    scene.show(issued(&leaf("root.example", 60), &team, &team.pem()));
    let answer = scene.world.caller_with(&[]).tenants.list_tenants(ListTenantsRequest::default()).await;
    assert_eq!(answer.expect_err("no connection").details(), b"");
}

#[tokio::test]
async fn what_stands_in_authorization_goes_before_the_certificate() {
    let trusted = authority(ca());
    let mut scene = Scene::new(&trusted).await;
    scene.show(issued(&leaf("ops.example", 60), &trusted, ""));
    let (_, key) = scene.world.insert_key(AdminReach::Platform).await;
    assert_eq!(scene.lists(&[&format!("Bearer {key}")]).await, Ok(()), "the certificate alone may do nothing");

    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member("ops.example")).await;
    assert_eq!(scene.lists(&[]).await, Ok(()));
    let unknown = format!("Bearer cha_{}", "A".repeat(43));
    for (entries, reason) in [
        (&[&*unknown][..], "API_KEY_INVALID"),
        (&["Basic eDp5"], "API_KEY_MISSING"),
        (&["Bearer a.b.c"], "ACCESS_TOKEN_INVALID"),
    ] {
        assert_eq!(scene.lists(entries).await, Err((Code::Unauthenticated, reason.to_owned())));
    }
}

#[tokio::test]
async fn without_a_certificate_a_key_will_do() {
    let trusted = authority(ca());
    let scene = Scene::new(&trusted).await;
    let (_, key) = scene.world.insert_key(AdminReach::Platform).await;
    assert_eq!(scene.lists(&[&format!("Bearer {key}")]).await, Ok(()));
    assert_eq!(scene.lists(&[]).await, Err((Code::Unauthenticated, "API_KEY_MISSING".to_owned())));
}
