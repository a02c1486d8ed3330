//! Who may register clients, the tokens that let somebody do so, and the places that clients name.

use chancery_domain::{
    ports::store::Store,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
    vocabulary::Algorithm,
};
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, ClaimMapping, Client, CreateClaimMappingRequest, CreateClientRequest,
    CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse, DeleteInitialAccessTokenRequest,
    ExportTenantDocumentRequest, InitialAccessToken, ListClientsRequest, ListInitialAccessTokensRequest,
    RegistrationPolicy, Tenant, TenantSettings, UpdateTenantRequest,
    claim_mapping::Target,
    client::{GrantType, RegisteredBy},
    registration_policy::Access,
};
use chancery_testkit::builders;
use tonic::{Code, Response, Status};

use crate::{
    clients::service,
    world::{Caller, World, mask, metadata, refusal, seconds},
};

async fn set(caller: &mut Caller, policy: RegistrationPolicy) -> Result<Option<RegistrationPolicy>, Status> {
    let settings = TenantSettings { registration: Some(policy), ..Default::default() };
    let tenant = Tenant { name: "tenants/acme".into(), settings: Some(settings), ..Default::default() };
    let update_mask = mask(&["settings.registration"]);
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask, ..Default::default() };
    let updated = caller.tenants.update_tenant(request).await?.into_inner();
    Ok(updated.settings.expect("settings").registration)
}

async fn make(caller: &mut Caller, uses: i32) -> Result<CreateInitialAccessTokenResponse, Status> {
    let request = CreateInitialAccessTokenRequest {
        parent: "tenants/acme".into(),
        initial_access_token: Some(InitialAccessToken { display_name: "partners".into(), ..Default::default() }),
        ttl: seconds(60),
        uses,
        validate_only: false,
    };
    caller.initial_access_tokens.create_initial_access_token(request).await.map(Response::into_inner)
}

async fn created(caller: &mut Caller, client: Client) -> Result<Client, Status> {
    let request =
        CreateClientRequest { parent: "tenants/acme".into(), client: Some(client), ..CreateClientRequest::default() };
    caller.clients.create_client(request).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_tenant_says_who_may_register_clients_and_what_those_may_have() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    assert_eq!(acme.settings.expect("settings").registration, None, "nobody");
    let mut operator = world.operator().await;
    let policy = RegistrationPolicy {
        access: Access::Open.into(),
        scopes: vec!["openid".into()],
        grant_types: vec![GrantType::AuthorizationCode.into()],
        most_clients: 7,
        hosts: vec!["app.example".into(), ".partner.example".into()],
        unused_days: 30,
        ..Default::default()
    };
    let told = set(&mut operator, policy.clone()).await.expect("updated").expect("a policy");
    assert_eq!((told.access(), told.scopes.clone(), told.most_clients), (Access::Open, policy.scopes.clone(), 7));
    assert_eq!((told.most_per_hour, told.most_per_source), (100, 20), "what was left out takes its default");
    assert_eq!((&told.hosts, told.unused_days), (&policy.hosts, 30));
    for (wrong, field) in [
        (RegistrationPolicy { hosts: vec!["app.example".into(), "*".into()], ..policy.clone() }, "hosts[1]"),
        (RegistrationPolicy { hosts: vec!["app.example".into(); 101], ..policy.clone() }, "hosts"),
        (RegistrationPolicy { scopes: vec!["chancery.admin".into()], ..policy.clone() }, "scopes[0]"),
        (RegistrationPolicy { scopes: vec!["a b".into()], ..policy.clone() }, "scopes[0]"),
        (RegistrationPolicy { grant_types: vec![0], ..policy.clone() }, "grant_types[0]"),
        (RegistrationPolicy { auth_methods: vec![99], ..policy.clone() }, "auth_methods[0]"),
        (RegistrationPolicy { most_clients: -1, ..policy.clone() }, "most_clients"),
        (RegistrationPolicy { most_per_hour: 100_001, ..policy.clone() }, "most_per_hour"),
        (RegistrationPolicy { access: 9, ..policy.clone() }, "access"),
        (RegistrationPolicy { unused_days: -1, ..policy.clone() }, "unused_days"),
        (RegistrationPolicy { unused_days: 36_501, ..policy.clone() }, "unused_days"),
    ] {
        let refused = set(&mut operator, wrong).await;
        assert_eq!(metadata(&refused, "field"), format!("tenant.settings.registration.{field}"), "{refused:?}");
    }
    assert_eq!(set(&mut operator, RegistrationPolicy::default()).await.expect("updated"), None);
}

#[tokio::test]
async fn t239_an_initial_access_token_is_told_once_and_kept_as_a_digest() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = make(&mut operator, 3).await.expect("created");
    let entry = made.initial_access_token.clone().expect("an entry");
    assert!(made.secret.starts_with("chi_") && made.secret.ends_with(&entry.hint), "{entry:?}");
    assert!(!format!("{made:?}").contains(&made.secret));
    assert_eq!((entry.remaining_uses, &*entry.display_name), (3, "partners"));
    let list = ListInitialAccessTokensRequest { parent: "tenants/acme".into(), ..Default::default() };
    let listed = operator.initial_access_tokens.list_initial_access_tokens(list.clone()).await.expect("listed");
    assert_eq!(listed.into_inner().initial_access_tokens, std::slice::from_ref(&entry));
    assert_eq!(refusal(make(&mut operator, 10_001).await).0, Code::InvalidArgument);
    assert_eq!(refusal(make(&mut operator, -1).await).0, Code::InvalidArgument);
    let gone = DeleteInitialAccessTokenRequest { name: entry.name, validate_only: false };
    let trial = DeleteInitialAccessTokenRequest { validate_only: true, ..gone.clone() };
    operator.initial_access_tokens.delete_initial_access_token(trial).await.expect("possible");
    operator.initial_access_tokens.delete_initial_access_token(gone.clone()).await.expect("deleted");
    let again = operator.initial_access_tokens.delete_initial_access_token(gone).await;
    assert_eq!(refusal(again), (Code::NotFound, "INITIAL_ACCESS_TOKEN_NOT_FOUND".to_owned()));
    let listed = operator.initial_access_tokens.list_initial_access_tokens(list).await.expect("listed");
    assert!(listed.into_inner().initial_access_tokens.is_empty());
}

#[tokio::test]
async fn t151_t158_places_that_the_server_would_not_call_are_not_registered() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let made = created(&mut operator, service()).await.expect("created");
    assert_eq!(made.registered_by(), RegisteredBy::Operator);
    for uri in [
        "https://127.0.0.1/keys",
        "https://[::1]/keys",
        "https://169.254.169.254/keys",
        "https://10.0.0.1/keys",
        "https://[::ffff:127.0.0.1]/keys",
        "https://2130706433/keys",
        "https://localhost/keys",
        "http://app.example/keys",
        "ftp://app.example/keys",
        "https://user@app.example/keys",
    ] {
        let refused = created(&mut operator, Client { jwks_uri: uri.into(), ..service() }).await;
        assert_eq!(metadata(&refused, "field"), "client.jwks_uri", "{uri}: {refused:?}");
    }
    let jwks_uri = String::from("https://app.example/keys");
    let asks = Client { jwks_uri, request_uris: vec!["https://127.0.0.1/r".into()], ..service() };
    let refused = created(&mut operator, asks).await;
    assert_eq!(metadata(&refused, "field"), "client.request_uris[0]", "{refused:?}");
}

/// A client `stranger` that registered itself at that tenant, and asks for UserInfo that is signed with ES256.
pub(crate) async fn stranger(world: &World, tenant: &Tenant) {
    let mut client = builders::public_client("stranger", &*world.random, world.clock.now());
    client.registration_token = Some(OpaqueToken::generate(TokenKind::Registration, &*world.random).digest());
    client.metadata.tokens.userinfo_signing = Some(Algorithm::Es256);
    let tx = world.store.begin(tenant.uid.parse().expect("an id")).await.expect("begun");
    tx.clients().insert(&client).await.expect("written");
    tx.commit().await.expect("durable");
}

#[tokio::test]
async fn a_client_that_registered_itself_is_listed_and_is_no_documents_to_remove() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    created(&mut operator, service()).await.expect("created");
    stranger(&world, &acme).await;

    // A claim is for it all the same.
    let name = || "tenants/acme".to_owned();
    let mapping = ClaimMapping {
        claim: "https://acme.example/country".into(),
        user_claim: "/address/country".into(),
        targets: vec![Target::IdToken.into()],
        client: "tenants/acme/clients/stranger".into(),
        ..Default::default()
    };
    let request = CreateClaimMappingRequest {
        parent: name(),
        claim_mapping: Some(mapping),
        claim_mapping_id: "country".into(),
        ..Default::default()
    };
    operator.claim_mappings.create_claim_mapping(request).await.expect("created");
    let export = ExportTenantDocumentRequest { name: name() };
    let exported = operator.documents.export_tenant_document(export).await.expect("exported").into_inner();
    assert_eq!(exported.clients.len(), 1, "{exported:?}");
    let prune = ApplyTenantDocumentRequest { tenant_document: Some(exported), prune: true, ..Default::default() };
    let plan = operator.documents.apply_tenant_document(prune).await.expect("applied").into_inner().plan;
    assert!(plan.expect("a plan").changes.is_empty());
    let filter = "registered_by = SELF".to_owned();
    let list = ListClientsRequest { parent: name(), filter, ..Default::default() };
    let listed = operator.clients.list_clients(list).await.expect("listed").into_inner().clients;
    let told: Vec<_> = listed.iter().map(|it| (it.name.as_str(), it.registered_by())).collect();
    assert_eq!(told, [("tenants/acme/clients/stranger", RegisteredBy::Self_)]);
}
