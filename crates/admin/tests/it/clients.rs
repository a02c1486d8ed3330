//! Clients and their secrets.

use std::time::Duration;

use chancery_domain::{
    client::SecretUse,
    ports::store::Store,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
};
use chancery_proto::v1::{
    Client, CreateClientRequest, DeleteClientRequest, DeleteClientSecretRequest, DisableClientRequest,
    EnableClientRequest, GenerateClientSecretRequest, GetClientRequest, ListClientSecretsRequest, UpdateClientRequest,
    client::{AuthMethod, GrantType, Kind, State},
};
use tonic::Code;

use crate::world::{Caller, World, mask, refusal, seconds};

/// A client that may ask for itself.
pub(crate) fn service() -> Client {
    Client {
        kind: Kind::Service.into(),
        auth_methods: vec![AuthMethod::ClientSecretBasic.into()],
        grant_types: vec![GrantType::ClientCredentials.into()],
        ..Default::default()
    }
}

pub(crate) async fn create(caller: &mut Caller, id: &str, client: Client) -> Client {
    let request = CreateClientRequest {
        parent: "tenants/acme".into(),
        client_id: id.into(),
        client: Some(client),
        ..Default::default()
    };
    caller.clients.create_client(request).await.expect("created").into_inner()
}

#[tokio::test]
async fn a_client_is_created_changed_and_deleted() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", service()).await;
    assert_eq!((made.name.as_str(), made.state()), ("tenants/acme/clients/web", State::Enabled));
    let chosen = create(&mut operator, "", service()).await;
    assert!(chosen.name.starts_with("tenants/acme/clients/c-"));

    let sent = Client { name: made.name.clone(), display_name: "Web".into(), scopes: vec!["a:b".into()], ..service() };
    let request = UpdateClientRequest {
        client: Some(sent.clone()),
        update_mask: mask(&["display_name", "scopes"]),
        ..Default::default()
    };
    let updated = operator.clients.update_client(request).await.expect("updated").into_inner();
    assert_eq!((updated.display_name.as_str(), updated.scopes.as_slice()), ("Web", &["a:b".to_owned()][..]));

    let other = Client { kind: Kind::Web.into(), ..sent };
    let request = UpdateClientRequest { client: Some(other), update_mask: None, ..Default::default() };
    assert_eq!(refusal(operator.clients.update_client(request).await).1, "FIELD_INVALID");

    let name = || made.name.clone();
    let delete = |validate_only| DeleteClientRequest { name: name(), validate_only, ..Default::default() };
    assert!(operator.clients.delete_client(delete(true)).await.is_ok());
    assert!(operator.clients.get_client(GetClientRequest { name: name() }).await.is_ok());
    assert!(operator.clients.delete_client(delete(false)).await.is_ok());
    let gone = refusal(operator.clients.get_client(GetClientRequest { name: name() }).await);
    assert_eq!(gone, (Code::NotFound, "CLIENT_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn a_taken_id_is_refused() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "web", service()).await;
    for validate_only in [true, false] {
        let request = CreateClientRequest {
            parent: "tenants/acme".into(),
            client_id: "web".into(),
            client: Some(service()),
            validate_only,
            ..Default::default()
        };
        let refused = refusal(operator.clients.create_client(request).await);
        assert_eq!(refused, (Code::AlreadyExists, "CLIENT_EXISTS".to_owned()));
    }
}

#[tokio::test]
async fn a_client_is_disabled_and_enabled_again() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let name = create(&mut operator, "web", service()).await.name;
    let disable = || DisableClientRequest { name: name.clone(), ..Default::default() };
    let enable = || EnableClientRequest { name: name.clone(), ..Default::default() };
    assert_eq!(refusal(operator.clients.enable_client(enable()).await).1, "CLIENT_ENABLED");
    let disabled = operator.clients.disable_client(disable()).await.expect("disabled").into_inner();
    assert_eq!(disabled.state(), State::Disabled);
    assert_eq!(refusal(operator.clients.disable_client(disable()).await).1, "CLIENT_DISABLED");
    assert!(operator.clients.enable_client(enable()).await.is_ok());
}

#[tokio::test]
async fn a_secret_is_told_once_and_works_until_it_goes() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let name = create(&mut operator, "web", service()).await.name;
    let generate = || GenerateClientSecretRequest { parent: name.clone(), ttl: seconds(60) };
    let made = operator.clients.generate_client_secret(generate()).await.expect("made").into_inner();
    let entry = made.client_secret.expect("an entry");
    assert!(made.secret.ends_with(&entry.hint));

    let id = "web".parse().expect("an id");
    let tenant = acme.uid.parse().expect("a uid");
    let stored = async || world.store.read(tenant).clients().find(&id).await.expect("read").expect("there");
    let token = OpaqueToken::parse(TokenKind::ClientSecret, &made.secret).expect("a secret");
    assert!(stored().await.knows_secret(&token, world.clock.now()));

    let list = || ListClientSecretsRequest { parent: name.clone(), ..Default::default() };
    let listed = operator.clients.list_client_secrets(list()).await.expect("listed").into_inner();
    assert_eq!(listed.client_secrets, std::slice::from_ref(&entry));
    assert!(!format!("{listed:?}").contains(&made.secret));

    let delete = || DeleteClientSecretRequest { name: entry.name.clone(), ..Default::default() };
    assert!(operator.clients.delete_client_secret(delete()).await.is_ok());
    assert!(!stored().await.knows_secret(&token, world.clock.now()));
    assert_eq!(refusal(operator.clients.delete_client_secret(delete()).await).1, "CLIENT_SECRET_NOT_FOUND");
}

#[tokio::test]
async fn two_secrets_work_at_a_time_and_five_are_kept() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let parent = create(&mut operator, "web", service()).await.name;
    let generate = || GenerateClientSecretRequest { parent: parent.clone(), ttl: seconds(60) };
    let full = (Code::FailedPrecondition, "TOO_MANY_CLIENT_SECRETS".to_owned());
    for _ in 0..2 {
        for _ in 0..2 {
            assert!(operator.clients.generate_client_secret(generate()).await.is_ok());
        }
        let third = operator.clients.generate_client_secret(generate()).await;
        assert!(third.as_ref().is_err_and(|status| status.message().contains("delete")), "it says what to do");
        assert_eq!(refusal(third), full);
        world.clock.advance(Duration::from_secs(60));
    }
    // Four have expired. One more works, and beyond the fifth something must go.
    assert!(operator.clients.generate_client_secret(generate()).await.is_ok());
    assert_eq!(refusal(operator.clients.generate_client_secret(generate()).await), full);
    let list = ListClientSecretsRequest { parent: parent.clone(), ..Default::default() };
    let oldest =
        operator.clients.list_client_secrets(list).await.expect("listed").into_inner().client_secrets.remove(0);
    let delete = DeleteClientSecretRequest { name: oldest.name, ..Default::default() };
    assert!(operator.clients.delete_client_secret(delete).await.is_ok());
    assert!(operator.clients.generate_client_secret(generate()).await.is_ok());
}

#[tokio::test]
async fn a_secret_tells_when_it_was_last_used() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let web = create(&mut operator, "web", service()).await;
    let generate = GenerateClientSecretRequest { parent: web.name.clone(), ttl: None };
    let made = operator.clients.generate_client_secret(generate).await.expect("made").into_inner();
    assert!(made.client_secret.expect("an entry").last_use_time.is_none());

    let (tenant, client) = (acme.uid.parse().expect("a uid"), web.uid.parse().expect("a uid"));
    let stored = world.store.read(tenant).clients().find_by_uid(client).await.expect("read").expect("there");
    let at = world.clock.now();
    world.store.secret_used(SecretUse { tenant, client, secret: stored.secrets[0].id, at });
    let list = ListClientSecretsRequest { parent: web.name.clone(), ..Default::default() };
    let listed = operator.clients.list_client_secrets(list).await.expect("listed").into_inner();
    let told = listed.client_secrets[0].last_use_time.expect("a time");
    assert_eq!(told.seconds, at.seconds());
    let get = GetClientRequest { name: web.name.clone() };
    let after = operator.clients.get_client(get).await.expect("got").into_inner();
    let before =
        operator.clients.get_client(GetClientRequest { name: web.name.clone() }).await.expect("got").into_inner();
    assert_eq!(after.etag, before.etag, "to use a secret changes no client");
}

#[tokio::test]
async fn a_public_client_has_no_secret() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let public = Client {
        kind: Kind::Native.into(),
        auth_methods: vec![AuthMethod::None.into()],
        grant_types: vec![GrantType::AuthorizationCode.into()],
        redirect_uris: vec!["http://127.0.0.1/cb".into()],
        ..Default::default()
    };
    let name = create(&mut operator, "app", public).await.name;
    let request = GenerateClientSecretRequest { parent: name, ttl: None };
    assert_eq!(refusal(operator.clients.generate_client_secret(request).await).1, "CLIENT_PUBLIC");
}
