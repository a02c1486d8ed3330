//! A deployment with one of everything, for calls to be made about.

use std::time::Duration;

use chancery_domain::{
    grant::Grant,
    token_id::{TokenId, TokenOrigin},
};
use chancery_proto::v1::{
    ApiKey, ClaimMapping, CreateApiKeyRequest, CreateClaimMappingRequest, CreateInitialAccessTokenRequest,
    CreateResourceRequest, CreateRoleBindingRequest, CreateRoleRequest, CreateScopeRequest, CreateTrustedIssuerRequest,
    DeleteTenantRequest, DisableClientRequest, DisableUserRequest, GenerateClientSecretRequest,
    GenerateTokenSecretRequest, InitialAccessToken, ListEncryptionKeysRequest, ListKeysRequest, PauseRewrapRequest,
    Resource, Role, RoleBinding, Scope, StartRewrapRequest, SuspendTenantRequest, Tenant, TenantSettings, TokenSecret,
    TrustedIssuer, UpdateTenantRequest, claim_mapping::Target, key::State, trusted_issuer::SubjectMapping,
};
use chancery_testkit::SeededRandom;

use crate::{
    clients::{create, service},
    people::People,
    world::{Caller, World, mask},
};

/// The deployment, and the names of what was made with ids of the server's choice.
pub(super) struct Town {
    pub(super) people: People,
    /// The server with a newer master key than the tenants are under.
    pub(super) world: World,
    pub(super) client_secret: String,
    pub(super) encryption_key: String,
    pub(super) token_secret: String,
    pub(super) api_key: String,
    pub(super) initial_access_token: String,
    pub(super) role_binding: String,
    pub(super) bob: String,
    pub(super) session: String,
    pub(super) grant: Grant,
    /// Two access tokens of the grant.
    pub(super) tokens: [String; 2],
    pub(super) active_key: String,
}

impl Town {
    /// Ready for a call of that name.
    pub(super) async fn before(call: &str) -> Self {
        let people = People::new().await;
        let mut operator = people.operator.clone();
        let acme = || people.acme.name.clone();
        for slug in ["gone", "still"] {
            people.world.tenant(slug).await;
        }
        let name = |slug: &str| format!("tenants/{slug}");
        let gone = DeleteTenantRequest { name: name("gone"), ..Default::default() };
        operator.tenants.delete_tenant(gone).await.expect("deleted");
        let still = SuspendTenantRequest { name: name("still"), ..Default::default() };
        operator.tenants.suspend_tenant(still).await.expect("suspended");

        let web = create(&mut operator, "web", service()).await.name;
        let off = create(&mut operator, "off", service()).await.name;
        let off = DisableClientRequest { name: off, ..Default::default() };
        operator.clients.disable_client(off).await.expect("disabled");
        let generate = GenerateClientSecretRequest { parent: web, ..Default::default() };
        let secret = operator.clients.generate_client_secret(generate).await.expect("generated").into_inner();
        let bob = DisableUserRequest { name: people.bob.name.clone(), ..Default::default() };
        operator.users.disable_user(bob).await.expect("disabled");
        nouns(&mut operator, &acme()).await;

        let role = RoleBinding {
            role: "roles/tenant.reader".into(),
            member: "certificates/ci.example".into(),
            ..Default::default()
        };
        let bind = CreateRoleBindingRequest { parent: acme(), role_binding: Some(role), ..Default::default() };
        let bound = operator.role_bindings.create_role_binding(bind).await.expect("bound").into_inner();
        let api_key = ApiKey { display_name: "pipeline".into(), ..Default::default() };
        let key = CreateApiKeyRequest { parent: acme(), api_key: Some(api_key), ..Default::default() };
        let key = operator.api_keys.create_api_key(key).await.expect("created").into_inner();

        let initial_access_token = Some(InitialAccessToken { display_name: "partners".into(), ..Default::default() });
        let ticket = CreateInitialAccessTokenRequest { parent: acme(), initial_access_token, ..Default::default() };
        let ticket = operator.initial_access_tokens.create_initial_access_token(ticket).await.expect("created");
        let ticket = ticket.into_inner().initial_access_token.expect("an entry");

        let shop = people.world.oidc_tenant("shop").await.name;
        secret_of(&mut operator, &shop).await;
        let waiting = secret_of(&mut operator, &shop).await;
        let encryption_key = encryption_key_of(&mut operator, &shop).await;

        let session = people.session(&people.ada).await;
        let grant = people.grant(&session, &people.app, "openid").await;
        people.consent(&people.ada, &people.app).await;
        let keys = ListKeysRequest { parent: acme(), ..Default::default() };
        let keys = operator.keys.list_keys(keys).await.expect("listed").into_inner().keys;
        let active = keys.into_iter().find(|key| key.state() == State::Active).expect("one signs");

        let random = SeededRandom::new(5);
        let tokens = [(); 2].map(|()| TokenId::generate(TokenOrigin::Grant(grant.id), &random).to_string());
        // What is given up is what was made before.
        people.world.clock.advance(Duration::from_secs(60));

        let world = people.world.restarted_with(&["second", "first"]).await;
        let mut newer = world.operator().await;
        if ["PauseRewrap", "ResumeRewrap"].contains(&call) {
            let start = StartRewrapRequest { reason: "yearly".into(), ..Default::default() };
            newer.master_keys.start_rewrap(start).await.expect("started");
        }
        if call == "ResumeRewrap" {
            newer.master_keys.pause_rewrap(PauseRewrapRequest::default()).await.expect("paused");
        }
        Self {
            client_secret: secret.client_secret.expect("an entry").name,
            encryption_key,
            token_secret: waiting.name,
            api_key: key.api_key.expect("an entry").name,
            initial_access_token: ticket.name,
            role_binding: bound.name,
            bob: people.bob.name.clone(),
            session: format!("tenants/acme/sessions/{}", session.id),
            tokens,
            grant,
            active_key: active.name,
            people,
            world,
        }
    }
}

/// Has the tenant take encrypted requests. Gives one of the keys.
async fn encryption_key_of(operator: &mut Caller, tenant: &str) -> String {
    let settings = Some(TenantSettings { request_object_encryption: true, ..Default::default() });
    let tenant = Tenant { name: tenant.to_owned(), settings, ..Default::default() };
    let parent = tenant.name.clone();
    let update_mask = mask(&["settings.request_object_encryption"]);
    let update = UpdateTenantRequest { tenant: Some(tenant), update_mask, ..Default::default() };
    operator.tenants.update_tenant(update).await.expect("updated");
    let list = ListEncryptionKeysRequest { parent, ..Default::default() };
    let mut keys = operator.encryption_keys.list_encryption_keys(list).await.expect("listed").into_inner();
    keys.encryption_keys.pop().expect("keys were made").name
}

async fn secret_of(operator: &mut Caller, tenant: &str) -> TokenSecret {
    let generate = GenerateTokenSecretRequest { parent: tenant.to_owned() };
    let generated = operator.token_secrets.generate_token_secret(generate).await.expect("generated");
    generated.into_inner().token_secret.expect("an entry")
}

/// A scope, a resource, a claim mapping, a trusted issuer and a role, each called `old`.
async fn nouns(operator: &mut Caller, parent: &str) {
    let (parent, id) = (|| parent.to_owned(), || "old".to_owned());
    let scope = Some(Scope { value: "old".into(), ..Default::default() });
    let scope = CreateScopeRequest { parent: parent(), scope_id: id(), scope, ..Default::default() };
    operator.scopes.create_scope(scope).await.expect("created");
    let resource = Some(Resource { identifier: "https://old.example".into(), ..Default::default() });
    let resource = CreateResourceRequest { parent: parent(), resource_id: id(), resource, ..Default::default() };
    operator.resources.create_resource(resource).await.expect("created");
    let claim_mapping = Some(mapping("old"));
    let mapping =
        CreateClaimMappingRequest { parent: parent(), claim_mapping_id: id(), claim_mapping, ..Default::default() };
    operator.claim_mappings.create_claim_mapping(mapping).await.expect("created");
    let trusted_issuer = Some(issuer("https://old.example"));
    let issuer =
        CreateTrustedIssuerRequest { parent: parent(), trusted_issuer_id: id(), trusted_issuer, ..Default::default() };
    operator.trusted_issuers.create_trusted_issuer(issuer).await.expect("created");
    let role = Some(Role { permissions: vec!["users.list".into()], ..Default::default() });
    let role = CreateRoleRequest { parent: parent(), role_id: id(), role, ..Default::default() };
    operator.roles.create_role(role).await.expect("created");
}

/// An issuer of that name whose assertions are about users.
pub(super) fn issuer(name: &str) -> TrustedIssuer {
    TrustedIssuer {
        issuer: name.into(),
        jwks_uri: format!("{name}/jwks"),
        algorithms: vec!["ES256".into()],
        subject_mapping: SubjectMapping::Username.into(),
        clients: vec!["ci".into()],
        ..Default::default()
    }
}

/// A claim mapping that makes that claim.
pub(super) fn mapping(claim: &str) -> ClaimMapping {
    ClaimMapping {
        claim: claim.into(),
        user_claim: "/department/name".into(),
        targets: vec![Target::IdToken.into()],
        ..Default::default()
    }
}
