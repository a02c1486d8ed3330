//! Clients whose ID tokens are signed with their own secret.

use chancery_domain::{
    client::{Client as Stored, ClientSecret},
    ports::{
        jose::{Purpose, Sealer},
        store::Store,
    },
    time::Clock,
};
use chancery_keys::{master::MasterKeys, seal::TenantSealer};
use chancery_proto::v1::{
    Client, CreateClientRequest, DeleteClientSecretRequest, GenerateClientSecretRequest, GenerateClientSecretResponse,
    Tenant, UpdateClientRequest,
};
use tonic::{Code, Status};

use crate::{
    clients::{create, service},
    world::{Caller, MASTER, World, mask, metadata, refusal},
};

const FIELD: &str = "id_token_signed_response_alg";

fn hs256() -> Client {
    Client { id_token_signed_response_alg: "HS256".into(), ..service() }
}

async fn generate(caller: &mut Caller, client: &Client) -> GenerateClientSecretResponse {
    let request = GenerateClientSecretRequest { parent: client.name.clone(), ttl: None };
    caller.clients.generate_client_secret(request).await.expect("generated").into_inner()
}

async fn switch(caller: &mut Caller, client: &Client, algorithm: &str) -> Result<Client, Status> {
    let client = Client { name: client.name.clone(), id_token_signed_response_alg: algorithm.into(), ..service() };
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(&[FIELD]), ..Default::default() };
    caller.clients.update_client(request).await.map(tonic::Response::into_inner)
}

async fn stored(world: &World, tenant: &Tenant) -> Stored {
    let (tenant, id) = (tenant.uid.parse().expect("a uid"), "web".parse().expect("an id"));
    Store::read(&world.store, tenant).clients().find(&id).await.expect("reads").expect("there")
}

#[tokio::test]
async fn a_secret_of_such_a_client_is_kept_sealed_for_it_alone() {
    let world = World::new().await;
    let acme = world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", hs256()).await;
    assert_eq!(made.id_token_signed_response_alg, "HS256");
    let told = generate(&mut operator, &made).await.secret;

    let client = stored(&world, &acme).await;
    let (secret, sealed) = client.signing_secret(world.clock.now()).expect("a sealed copy");
    assert!(!sealed.0.windows(8).any(|part| told.as_bytes().windows(8).any(|text| text == part)), "in the clear");
    let tenant = acme.uid.parse().expect("a uid");
    let kek = Store::read(&world.store, tenant).keys().kek().await.expect("a key");
    let masters = MasterKeys::new(vec![("first".parse().expect("a name"), MASTER)]).expect("masters");
    let opener = TenantSealer::new(&masters.open_kek(tenant, &kek).expect("opens"));
    let context = ClientSecret::context(client.uid, secret.id);
    assert_eq!(opener.open(Purpose::ClientSecret, &context, &sealed.0).as_deref(), Some(told.as_bytes()));
    assert!(opener.open(Purpose::ClientSecret, b"", &sealed.0).is_none());
}

#[tokio::test]
async fn a_client_with_digests_is_told_the_way_to_switch() {
    let world = World::new().await;
    let acme = world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", service()).await;
    let old = generate(&mut operator, &made).await.client_secret.expect("an entry");
    assert!(stored(&world, &acme).await.secrets[0].sealed.is_none());

    let refused = switch(&mut operator, &made, "HS256").await;
    assert!(refused.as_ref().expect_err("refused").message().contains("delete those secrets"));
    assert_eq!(metadata(&refused, "name"), made.name);
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CLIENT_SECRETS_DIGESTED".to_owned()));
    let delete = DeleteClientSecretRequest { name: old.name, ..Default::default() };
    operator.clients.delete_client_secret(delete).await.expect("deleted");
    assert_eq!(switch(&mut operator, &made, "HS256").await.expect("switched").id_token_signed_response_alg, "HS256");
    generate(&mut operator, &made).await;
    assert!(stored(&world, &acme).await.has_sealed_secrets_alone());
    // Other changes go on as before.
    assert!(switch(&mut operator, &made, "HS256").await.is_ok());

    assert!(switch(&mut operator, &made, "").await.is_ok());
    let client = stored(&world, &acme).await;
    assert!(client.secrets.len() == 1 && client.secrets[0].sealed.is_none(), "the sealed copy went, the digest stays");
}

#[tokio::test]
async fn oauth21_and_unknown_algorithms_are_refused_by_field() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let request = CreateClientRequest {
        parent: "tenants/acme".into(),
        client_id: "web".into(),
        client: Some(hs256()),
        ..Default::default()
    };
    let made = create(&mut operator, "other", service()).await;
    let answers = [
        operator.clients.create_client(request).await.map(|_| ()),
        switch(&mut operator, &made, "HS256").await.map(|_| ()),
    ];
    for answer in answers {
        assert_eq!(metadata(&answer, "field"), format!("client.{FIELD}"));
        assert_eq!(refusal(answer), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    }
    for unknown in ["none", "RS256", "hs256"] {
        assert_eq!(refusal(switch(&mut operator, &made, unknown).await).0, Code::InvalidArgument, "{unknown}");
    }
}
