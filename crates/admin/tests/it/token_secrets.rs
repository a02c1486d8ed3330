//! Token secrets, and the format of access tokens that needs them.

use std::time::Duration;

use chancery_domain::{
    audit::Action,
    change::Noun,
    ports::{
        jose::{Purpose, Sealer},
        store::Store,
    },
    token_secret::TokenSecret as Stored,
};
use chancery_keys::{master::MasterKeys, seal::TenantSealer};
use chancery_proto::v1::{
    ActivateTokenSecretRequest, CreateTenantRequest, DeleteTokenSecretRequest, GenerateTokenSecretRequest,
    GenerateTokenSecretResponse, ListTokenSecretsRequest, Tenant, TenantSettings, TokenSecret, UpdateTenantRequest,
    tenant::Profile, tenant_settings::AccessTokenFormat, token_secret::State,
};
use tonic::{Code, Response, Status};

use crate::world::{Caller, MASTER, World, mask, metadata, refusal};

async fn generate(caller: &mut Caller) -> Result<GenerateTokenSecretResponse, Status> {
    let request = GenerateTokenSecretRequest { parent: "tenants/acme".into() };
    caller.token_secrets.generate_token_secret(request).await.map(Response::into_inner)
}

async fn generated(caller: &mut Caller) -> TokenSecret {
    generate(caller).await.expect("generated").token_secret.expect("an entry")
}

async fn list(caller: &mut Caller) -> Vec<TokenSecret> {
    let request = ListTokenSecretsRequest { parent: "tenants/acme".into(), ..Default::default() };
    caller.token_secrets.list_token_secrets(request).await.expect("listed").into_inner().token_secrets
}

async fn activate(caller: &mut Caller, name: &str) -> Result<TokenSecret, Status> {
    let request = ActivateTokenSecretRequest { name: name.into(), ..Default::default() };
    caller.token_secrets.activate_token_secret(request).await.map(Response::into_inner)
}

async fn delete(caller: &mut Caller, name: &str, validate_only: bool) -> Result<(), Status> {
    let request = DeleteTokenSecretRequest { name: name.into(), validate_only };
    caller.token_secrets.delete_token_secret(request).await.map(Response::into_inner)
}

fn with(format: AccessTokenFormat) -> TenantSettings {
    TenantSettings { access_token_format: format.into(), ..Default::default() }
}

async fn set_format(caller: &mut Caller, format: AccessTokenFormat) -> Result<Tenant, Status> {
    let tenant = Tenant { name: "tenants/acme".into(), settings: Some(with(format)), ..Default::default() };
    let update_mask = mask(&["settings.access_token_format"]);
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask, ..Default::default() };
    caller.tenants.update_tenant(request).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_secret_is_told_once_and_kept_sealed() {
    let world = World::new().await;
    let acme = world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let made = generate(&mut operator).await.expect("generated");
    let entry = made.token_secret.clone().expect("an entry");
    assert!(made.secret.starts_with("cht_") && made.secret.len() == 47 && made.secret.ends_with(&entry.hint));
    assert!(!format!("{made:?}").contains(&made.secret));
    assert_eq!(
        (entry.state(), entry.name.clone()),
        (State::Active, format!("tenants/acme/tokenSecrets/{}", entry.uid))
    );
    assert_eq!(list(&mut operator).await, std::slice::from_ref(&entry));

    let tenant = acme.uid.parse().expect("a uid");
    let rows = Store::read(&world.store, tenant);
    let stored = rows.token_secrets().all().await.expect("reads").remove(0);
    let masters = MasterKeys::new(vec![("first".parse().expect("a name"), MASTER)]).expect("masters");
    let kek = masters.open_kek(tenant, &rows.keys().kek().await.expect("a key")).expect("opens");
    let opened = TenantSealer::new(&kek).open(Purpose::TokenSecret, &Stored::context(stored.id), &stored.sealed.0);
    assert_eq!(opened.as_deref(), Some(made.secret.as_bytes()));
    let told = world.store.audit();
    assert!(told.iter().any(|event| event.action == Action::Created && event.object == Some(about(&entry))));
}

fn about(secret: &TokenSecret) -> (Noun, String) {
    (Noun::TokenSecret, secret.uid.clone())
}

#[tokio::test]
async fn a_second_one_waits_until_it_is_activated() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let first = generated(&mut operator).await;
    world.clock.advance(Duration::from_secs(1));
    let second = generated(&mut operator).await;
    assert_eq!((first.state(), second.state()), (State::Active, State::Waiting));
    let full = refusal(generate(&mut operator).await);
    assert_eq!(full, (Code::FailedPrecondition, "TOO_MANY_TOKEN_SECRETS".to_owned()));
    let again = refusal(activate(&mut operator, &first.name).await);
    assert_eq!(again, (Code::FailedPrecondition, "TOKEN_SECRET_ACTIVE".to_owned()));

    assert_eq!(activate(&mut operator, &second.name).await.expect("activated").state(), State::Active);
    let states: Vec<_> = list(&mut operator).await.iter().map(TokenSecret::state).collect();
    assert_eq!(states, [State::Retired, State::Active]);
    // The way back is open until the old one is deleted.
    assert!(activate(&mut operator, &first.name).await.is_ok());
    let events = world.store.audit().into_iter().filter(|event| event.action == Action::Activated);
    assert_eq!(events.filter_map(|event| event.object).collect::<Vec<_>>(), [about(&second), about(&first)]);

    assert!(delete(&mut operator, &second.name, true).await.is_ok());
    assert_eq!(list(&mut operator).await.len(), 2, "only tried");
    assert!(delete(&mut operator, &second.name, false).await.is_ok());
    assert!(
        world.store.audit().iter().any(|event| event.action == Action::Deleted && event.object == Some(about(&second)))
    );
    let gone = refusal(delete(&mut operator, &second.name, false).await);
    assert_eq!(gone, (Code::NotFound, "TOKEN_SECRET_NOT_FOUND".to_owned()));
    assert_eq!(refusal(activate(&mut operator, &second.name).await), gone);
    assert_eq!(generated(&mut operator).await.state(), State::Waiting);
}

#[tokio::test]
async fn the_format_needs_a_secret_and_keeps_it() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let refused = set_format(&mut operator, AccessTokenFormat::Hmac).await;
    assert!(refused.as_ref().expect_err("refused").message().contains("generate one"), "{refused:?}");
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "TOKEN_SECRET_MISSING".to_owned()));
    let tenant =
        Tenant { profile: Profile::Oidc.into(), settings: Some(with(AccessTokenFormat::Hmac)), ..Default::default() };
    let request = CreateTenantRequest { tenant_id: "new".into(), tenant: Some(tenant), ..Default::default() };
    assert_eq!(refusal(operator.tenants.create_tenant(request).await).1, "TOKEN_SECRET_MISSING");

    let secret = generated(&mut operator).await;
    let settings = set_format(&mut operator, AccessTokenFormat::Hmac).await.expect("set").settings.expect("settings");
    assert_eq!(settings.access_token_format(), AccessTokenFormat::Hmac);
    for validate_only in [true, false] {
        let kept = delete(&mut operator, &secret.name, validate_only).await;
        assert!(kept.as_ref().expect_err("refused").message().contains("activate another one first"), "{kept:?}");
        assert_eq!(refusal(kept), (Code::FailedPrecondition, "TOKEN_SECRET_ACTIVE".to_owned()));
    }
    let settings = set_format(&mut operator, AccessTokenFormat::Unspecified).await.expect("set").settings;
    assert_eq!(settings.expect("settings").access_token_format(), AccessTokenFormat::Jwt);
    assert!(delete(&mut operator, &secret.name, false).await.is_ok(), "nothing signs with it any more");
    assert_eq!(refusal(set_format(&mut operator, AccessTokenFormat::Hmac).await).1, "TOKEN_SECRET_MISSING");
}

#[tokio::test]
async fn oauth21_refuses_both() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let refused = refusal(generate(&mut operator).await);
    assert_eq!(refused, (Code::FailedPrecondition, "PROFILE_FORBIDS".to_owned()));
    let invalid = |answer: Result<Tenant, Status>| {
        assert_eq!(metadata(&answer, "field"), "tenant.settings.access_token_format");
        assert_eq!(refusal(answer), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    };
    invalid(set_format(&mut operator, AccessTokenFormat::Hmac).await);

    // Nor can a tenant take the format with it when it changes its profile.
    let profile = |profile: Profile| UpdateTenantRequest {
        tenant: Some(Tenant { name: "tenants/acme".into(), profile: profile.into(), ..Default::default() }),
        update_mask: mask(&["profile"]),
        ..Default::default()
    };
    assert!(operator.tenants.update_tenant(profile(Profile::Oidc)).await.is_ok());
    generated(&mut operator).await;
    set_format(&mut operator, AccessTokenFormat::Hmac).await.expect("set");
    invalid(operator.tenants.update_tenant(profile(Profile::Oauth21)).await.map(Response::into_inner));
    let unknown = Tenant {
        name: "tenants/acme".into(),
        settings: Some(TenantSettings { access_token_format: 99, ..Default::default() }),
        ..Default::default()
    };
    let request = UpdateTenantRequest {
        tenant: Some(unknown),
        update_mask: mask(&["settings.access_token_format"]),
        ..Default::default()
    };
    invalid(operator.tenants.update_tenant(request).await.map(Response::into_inner));
}
