//! How clients prove themselves by certificates, as operators register it.

use chancery_proto::v1::{
    Client, Tenant, TenantSettings, UpdateClientRequest, UpdateTenantRequest, client::AuthMethod,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::Status;

use crate::{
    clients::{create, service},
    world::{Caller, World, mask, metadata},
};

const AUTHORITIES: &str = "settings.client_certificate_authorities";

fn showing() -> Client {
    Client {
        auth_methods: vec![AuthMethod::TlsClientAuth.into()],
        tls_client_auth_san_dns: "App.example".into(),
        ..service()
    }
}

async fn update(caller: &mut Caller, sent: Client, paths: &[&str]) -> Result<Client, Status> {
    let client = Client { name: "tenants/acme/clients/web".into(), ..sent };
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(paths), validate_only: false };
    caller.clients.update_client(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_client_has_the_one_name_of_its_certificate() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", showing()).await;
    assert_eq!(made.tls_client_auth_san_dns, "app.example", "in small letters");
    let by_dn = Client {
        tls_client_auth_subject_dn: "CN=web, O=Example".into(),
        tls_client_auth_san_dns: String::new(),
        tls_client_certificate_bound_access_tokens: true,
        ..showing()
    };
    let told = update(&mut operator, by_dn, &["*"]).await.expect("updated");
    let names = [&told.tls_client_auth_subject_dn, &told.tls_client_auth_san_dns, &told.tls_client_auth_san_ip];
    assert_eq!(names, ["CN=web, O=Example", "", ""]);
    assert!(told.tls_client_certificate_bound_access_tokens);
    let plain = update(&mut operator, service(), &["*"]).await.expect("updated");
    assert!(plain.tls_client_auth_subject_dn.is_empty() && !plain.tls_client_certificate_bound_access_tokens);
}

#[tokio::test]
async fn t081_what_names_nobody_is_refused_by_its_field() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "web", showing()).await;
    let nameless = Client { tls_client_auth_san_dns: String::new(), ..showing() };
    for (sent, field) in [
        (nameless.clone(), "tls_client_auth_subject_dn"),
        (Client { tls_client_auth_san_dns: "*.example".into(), ..showing() }, "tls_client_auth_san_dns"),
        (Client { tls_client_auth_san_ip: "192.0.2.7".into(), ..showing() }, "tls_client_auth_san_ip"),
        (Client { tls_client_auth_san_ip: "192.0.2".into(), ..nameless.clone() }, "tls_client_auth_san_ip"),
        (Client { tls_client_auth_san_uri: "web".into(), ..nameless.clone() }, "tls_client_auth_san_uri"),
        (Client { tls_client_auth_san_email: "web".into(), ..nameless.clone() }, "tls_client_auth_san_email"),
        (Client { tls_client_auth_subject_dn: "web".into(), ..nameless.clone() }, "tls_client_auth_subject_dn"),
        (Client { auth_methods: service().auth_methods, ..showing() }, "tls_client_auth_san_dns"),
        (Client { auth_methods: vec![AuthMethod::SelfSignedTlsClientAuth.into()], ..nameless }, "jwks"),
        (
            Client {
                auth_methods: vec![AuthMethod::TlsClientAuth.into(), AuthMethod::ClientSecretBasic.into()],
                ..showing()
            },
            "auth_methods",
        ),
    ] {
        let refused = update(&mut operator, sent, &["*"]).await;
        assert_eq!(metadata(&refused, "field"), format!("client.{field}"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_tenant_believes_the_authorities_that_it_names() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut set = async |texts: Vec<String>| {
        let settings = TenantSettings { client_certificate_authorities: texts, ..Default::default() };
        let tenant = Tenant { name: "tenants/acme".into(), settings: Some(settings), ..Default::default() };
        let request =
            UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&[AUTHORITIES]), ..Default::default() };
        operator.tenants.update_tenant(request).await.map(tonic::Response::into_inner)
    };
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = || KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
    let leaf = CertificateParams::default().signed_by(&key(), &authority).expect("a certificate").pem();
    let told = set(vec![authority.pem()]).await.expect("updated");
    assert_eq!(told.settings.expect("settings").client_certificate_authorities, [authority.pem()]);
    for (texts, field) in [
        (vec![authority.pem(), leaf], "[1]"),
        (vec![String::new()], "[0]"),
        (vec![format!("{}{}", authority.pem(), key().serialize_pem())], "[0]"),
        (vec![authority.pem(); 21], ""),
    ] {
        let refused = set(texts).await;
        assert_eq!(metadata(&refused, "field"), format!("tenant.{AUTHORITIES}{field}"), "{refused:?}");
    }
    let told = set(Vec::new()).await.expect("updated");
    assert!(told.settings.expect("settings").client_certificate_authorities.is_empty());
}
