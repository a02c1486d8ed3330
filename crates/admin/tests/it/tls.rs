//! TLS: whom the server trusts, whom its callers do, and new settings while serving.

use std::sync::Arc;

use chancery_admin::Tls;
use chancery_proto::v1::ListTenantsRequest;
use rcgen::generate_simple_self_signed;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tonic::transport::{Certificate, ClientTlsConfig};

use crate::world::World;

/// A server's certificate, as its callers trust it and as it has it.
fn certificate() -> (ClientTlsConfig, Arc<ServerConfig>) {
    let made = generate_simple_self_signed(["admin.example".to_owned()]).expect("a certificate");
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    let certificates = vec![CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let mut settings = builder.with_single_cert(certificates, key).expect("a pair");
    settings.alpn_protocols = vec![b"h2".to_vec()];
    let trust = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&chain)).domain_name("admin.example");
    (trust, Arc::new(settings))
}

async fn comes_in(world: &World) -> bool {
    world.operator().await.tenants.list_tenants(ListTenantsRequest::default()).await.is_ok()
}

#[tokio::test]
async fn callers_who_trust_the_certificate_come_in() {
    let (trust, settings) = certificate();
    let world = World::with_tls(Arc::new(Tls::new(settings)), trust).await;
    assert!(comes_in(&world).await);
}

#[tokio::test]
async fn callers_who_do_not_stay_outside() {
    let ((foreign, _), (_, settings)) = (certificate(), certificate());
    let world = World::with_tls(Arc::new(Tls::new(settings)), foreign).await;
    assert!(!comes_in(&world).await);
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_drops_no_other() {
    let ((old, settings), (new, replacement)) = (certificate(), certificate());
    let tls = Arc::new(Tls::new(settings));
    let mut world = World::with_tls(Arc::clone(&tls), old.clone()).await;
    let mut standing = world.operator().await;
    assert!(standing.tenants.list_tenants(ListTenantsRequest::default()).await.is_ok());
    tls.replace(replacement);
    assert!(standing.tenants.list_tenants(ListTenantsRequest::default()).await.is_ok());
    world.reached_by(|endpoint| endpoint.tls_config(old).expect("a configuration"));
    assert!(!comes_in(&world).await);
    world.reached_by(|endpoint| endpoint.tls_config(new).expect("a configuration"));
    assert!(comes_in(&world).await);
    assert!(standing.tenants.list_tenants(ListTenantsRequest::default()).await.is_ok());
}

#[tokio::test]
async fn who_never_finishes_the_handshake_keeps_nobody_waiting() {
    let (trust, settings) = certificate();
    let world = World::with_tls(Arc::new(Tls::new(settings)), trust).await;
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(tokio::net::TcpStream::connect(world.address).await.expect("connects"));
    }
    assert!(comes_in(&world).await);
}
