//! TLS from PEM texts.

use chancery_admin::Tls;
use chancery_domain::secret::Secret;
use chancery_proto::v1::ListTenantsRequest;
use rcgen::generate_simple_self_signed;
use tonic::transport::{Certificate, ClientTlsConfig};

use crate::world::World;

/// A server's certificate, as its callers trust it and as it has it.
fn certificate() -> (Certificate, Tls) {
    let made = generate_simple_self_signed(["admin.example".to_owned()]).expect("a certificate");
    let chain = made.cert.pem();
    let key = Secret::new(made.signing_key.serialize_pem());
    (Certificate::from_pem(&chain), Tls { certificates: chain, key })
}

#[tokio::test]
async fn callers_who_trust_the_certificate_come_in() {
    let (trusted, tls) = certificate();
    let trust = ClientTlsConfig::new().ca_certificate(trusted).domain_name("admin.example");
    let world = World::with_tls(tls, trust).await;
    assert!(world.operator().await.tenants.list_tenants(ListTenantsRequest::default()).await.is_ok());
}

#[tokio::test]
async fn callers_who_do_not_stay_outside() {
    let ((foreign, _), (_, tls)) = (certificate(), certificate());
    let trust = ClientTlsConfig::new().ca_certificate(foreign).domain_name("admin.example");
    let world = World::with_tls(tls, trust).await;
    assert!(world.operator().await.tenants.list_tenants(ListTenantsRequest::default()).await.is_err());
}
