//! Callers with access tokens of the system tenant.

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    admin_key::AdminReach,
    claims_request::ClaimsRequest,
    client::Client,
    grant::{Grant, RevocationReason},
    id::GrantId,
    ports::{platform::PlatformStore, store::Store},
    principal::Principal,
    resource::ResourceSet,
    role::BuiltInRole,
    scope::ScopeSet,
    time::Clock,
    token_id::{TokenId, TokenOrigin},
    user::User,
    view::TenantView,
    vocabulary::{Algorithm, TokenType},
};
use chancery_proto::v1::{
    ApiKey, CreateApiKeyRequest, CreatePasswordLinkRequest, CreateRoleBindingRequest, CreateRoleRequest,
    CreateUserRequest, DeleteApiKeyRequest, DeleteTenantRequest, GenerateClientSecretRequest, GetUserRequest,
    ListTenantsRequest, Role, RoleBinding, UpdateRoleRequest, WatchChangesRequest, WatchChangesResponse,
};
use chancery_testkit::builders;
use serde_json::{Value, json};
use tonic::{Code, Status, Streaming};

use crate::world::{AUDIENCE, Caller, World, mask, refusal};

/// A server whose system tenant has a person and a program, each with the role to look at everything.
pub(crate) struct Scene {
    pub(crate) world: World,
    view: Arc<TenantView>,
    pub(crate) user: User,
    grant: Grant,
    /// What the person uses.
    app: Client,
    /// What acts for itself.
    pub(crate) robot: Client,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (now, random) = (world.clock.now(), Arc::clone(&world.random));
        let tenant = builders::tenant("system", &*random, now);
        let user = builders::user("ada", &*random, now);
        let (session, _) = builders::session(&user, &tenant, &*random, now);
        let app = builders::public_client("chancery-cli", &*random, now);
        let (robot, _) = builders::confidential_client("robot", &*random, now);
        let grant = Grant {
            id: GrantId::generate(&*random, now),
            client: app.uid,
            user: user.id,
            session: session.id,
            scopes: ScopeSet::parse("openid chancery.admin").expect("scopes"),
            resources: ResourceSet::default(),
            authenticated_at: now,
            amr: vec!["pwd".to_owned()],
            acr: None,
            claims: ClaimsRequest::default(),
            created_at: now,
            expires_at: now + Duration::from_secs(86_400),
            revoked: None,
        };
        let tx = PlatformStore::begin(&world.store).await.expect("begins");
        tx.tenants().insert(&tenant).await.expect("inserts");
        let rows = tx.of(tenant.id);
        rows.users().insert(&user).await.expect("inserts");
        for client in [&app, &robot] {
            rows.clients().insert(client).await.expect("inserts");
        }
        rows.grants().insert(&grant).await.expect("inserts");
        drop(rows);
        tx.commit().await.expect("commits");
        let view = world.directory.show(builders::view(tenant, now));
        for member in [Principal::User(user.id), Principal::Client(robot.id.clone())] {
            world.bind(AdminReach::Platform, BuiltInRole::PlatformAuditor, member).await;
        }
        Self { world, view, user, grant, app, robot }
    }

    /// What an access token of the person says.
    fn person(&self) -> Value {
        let id = TokenId::generate(TokenOrigin::Grant(self.grant.id), &*self.world.random);
        self.claims(&id, &self.user.id, &self.app)
    }

    /// The person, as a caller.
    pub(crate) async fn caller(&self) -> Caller {
        self.world.caller(&self.signed(&self.person()).await)
    }

    /// What an access token of the program says.
    fn program(&self) -> Value {
        let id = TokenId::generate(TokenOrigin::Client(self.robot.uid), &*self.world.random);
        self.claims(&id, &self.robot.id, &self.robot)
    }

    fn claims(&self, id: &TokenId, sub: &dyn ToString, client: &Client) -> Value {
        let now = self.world.clock.now().seconds();
        json!({
            "iss": self.view.issuer, "sub": sub.to_string(), "aud": AUDIENCE, "exp": now + 600, "iat": now,
            "jti": id.to_string(), "client_id": client.id.as_str(), "scope": "openid chancery.admin",
        })
    }

    async fn shows(&self, token: &str) -> Result<(), (Code, String)> {
        let mut caller = self.world.caller(token);
        match caller.tenants.list_tenants(ListTenantsRequest::default()).await {
            Ok(_) => Ok(()),
            Err(status) => Err(refusal::<()>(Err(status))),
        }
    }

    /// Takes the token back that says so, and no other.
    async fn take_back(&self, claims: &Value) {
        let id: TokenId = claims["jti"].as_str().expect("text").parse().expect("an id");
        let tx = Store::begin(&self.world.store, self.view.tenant.id).await.expect("begins");
        let until = self.world.clock.now() + Duration::from_secs(600);
        tx.grants().deny(&id, until).await.expect("denies");
        tx.commit().await.expect("commits");
    }

    async fn signed(&self, claims: &Value) -> String {
        sign(&self.view, TokenType::AccessToken, claims).await
    }

    /// Shows a token that says so, signed by the system tenant.
    async fn says(&self, claims: &Value) -> Result<(), (Code, String)> {
        self.shows(&self.signed(claims).await).await
    }
}

async fn sign(view: &TenantView, typ: TokenType, claims: &Value) -> String {
    view.signer.sign(Algorithm::Es256, typ, claims.to_string().as_bytes()).await.expect("signed")
}

fn refused() -> Result<(), (Code, String)> {
    Err((Code::Unauthenticated, "ACCESS_TOKEN_INVALID".to_owned()))
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn people_and_programs_of_the_system_tenant_may_do_what_their_roles_say() {
    let scene = Scene::new().await;
    for claims in [scene.person(), scene.program()] {
        assert_eq!(scene.says(&claims).await, Ok(()));
        let token = scene.signed(&claims).await;
        let request = DeleteTenantRequest { name: "tenants/system".into(), ..Default::default() };
        let denied = refusal(scene.world.caller(&token).tenants.delete_tenant(request).await);
        assert_eq!(denied.0, Code::PermissionDenied, "T265: a role that looks does not delete");
    }
    assert_eq!(scene.says(&with(scene.person(), "aud", json!([AUDIENCE]))).await, Ok(()));
}

#[tokio::test]
async fn t265_a_token_for_another_audience_time_issuer_or_use_is_refused() {
    let scene = Scene::new().await;
    let person = scene.person();
    let now = scene.world.clock.now().seconds();
    for (name, value) in [
        ("aud", json!("https://api.example")),
        ("aud", json!(scene.view.issuer)),
        ("aud", json!("chancery-cli")),
        ("aud", json!([AUDIENCE, "https://api.example"])),
        ("aud", json!([])),
        ("aud", json!([[AUDIENCE]])),
        ("exp", json!(now)),
        ("exp", json!("soon")),
        ("iss", json!("https://id.example/t/acme")),
        ("scope", json!("openid")),
        ("scope", json!("chancery.administrator")),
        ("client_id", json!("robot")),
        ("sub", json!(scene.robot.id.as_str())),
        ("jti", json!("g.x.y")),
    ] {
        assert_eq!(scene.says(&with(person.clone(), name, value.clone())).await, refused(), "{name} {value}");
    }
    for name in ["aud", "exp", "iss", "scope", "client_id", "sub", "jti"] {
        let mut claims = person.clone();
        claims.as_object_mut().expect("an object").remove(name);
        assert_eq!(scene.says(&claims).await, refused(), "without {name}");
    }
    let id_token = sign(&scene.view, TokenType::IdToken, &person).await;
    assert_eq!(scene.shows(&id_token).await, refused(), "an ID token");
    for text in ["a.b.c", "..", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(scene.shows(text).await, refused(), "{text}");
    }
}

#[tokio::test]
async fn t178_a_token_of_another_tenant_opens_nothing_whatever_it_says() {
    let scene = Scene::new().await;
    let now = scene.world.clock.now();
    let other = builders::tenant("acme", &*scene.world.random, now);
    let other = scene.world.directory.show(builders::view(other, now));
    let forged = sign(&other, TokenType::AccessToken, &scene.person()).await;
    assert_eq!(scene.shows(&forged).await, refused());
    let own = with(scene.person(), "iss", json!(other.issuer));
    assert_eq!(scene.shows(&sign(&other, TokenType::AccessToken, &own).await).await, refused());
}

#[tokio::test]
async fn t265_what_a_shared_secret_signed_is_refused() {
    let scene = Scene::new().await;
    let claims = with(scene.person(), "scp", json!(["chancery.admin"]));
    let token = scene.view.macs.sign_access_token(claims.to_string().as_bytes()).expect("signed");
    assert!(scene.view.verifier.verify(&token, TokenType::AccessToken).is_ok(), "the tenant itself believes it");
    assert_eq!(scene.shows(&token).await, refused());
}

#[tokio::test]
async fn t234_what_was_exchanged_is_refused() {
    let scene = Scene::new().await;
    let act = json!({ "sub": scene.app.id.as_str() });
    assert_eq!(scene.says(&with(scene.person(), "act", act.clone())).await, refused());
    assert_eq!(scene.says(&with(scene.program(), "act", act)).await, refused());
    let cnf = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    assert_eq!(scene.says(&with(scene.program(), "cnf", cnf)).await, refused(), "bound to a key that nobody proves");
    // Whoever exchanged it without being named is another client than the one that the grant names.
    let other = with(scene.person(), "client_id", json!(scene.robot.id.as_str()));
    assert_eq!(scene.says(&other).await, refused());
    assert_eq!(scene.says(&scene.person()).await, Ok(()));
}

#[tokio::test]
async fn t276_what_a_token_hangs_on_is_looked_at_with_each_call() {
    let mut scene = Scene::new().await;
    let (person, program) = (scene.signed(&scene.person()).await, scene.signed(&scene.program()).await);
    let now = scene.world.clock.now();
    let tenant = scene.view.tenant.id;
    assert_eq!((scene.shows(&person).await, scene.shows(&program).await), (Ok(()), Ok(())));

    for claims in [scene.person(), scene.program()] {
        let taken_back = scene.signed(&claims).await;
        assert_eq!(scene.shows(&taken_back).await, Ok(()));
        scene.take_back(&claims).await;
        assert_eq!(scene.shows(&taken_back).await, refused(), "{claims}");
    }
    let others = (scene.shows(&person).await, scene.shows(&program).await);
    assert_eq!(others, (Ok(()), Ok(())), "other tokens of the same grant and client");
    scene.robot = scene.robot.disable().expect("was enabled");

    let tx = Store::begin(&scene.world.store, tenant).await.expect("begins");
    tx.clients().update(&scene.robot, now).await.expect("updates");
    tx.grants().revoke(scene.grant.id, RevocationReason::ByClient, now).await.expect("revokes");
    tx.commit().await.expect("commits");
    assert_eq!((scene.shows(&person).await, scene.shows(&program).await), (refused(), refused()));
}

#[tokio::test]
async fn t276_a_person_who_was_disabled_is_refused() {
    let mut scene = Scene::new().await;
    let person = scene.signed(&scene.person()).await;
    assert_eq!(scene.shows(&person).await, Ok(()));
    scene.user = scene.user.disable().expect("was enabled");
    let tx = Store::begin(&scene.world.store, scene.view.tenant.id).await.expect("begins");
    tx.users().update(&scene.user, scene.world.clock.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert_eq!(scene.shows(&person).await, refused());
}

#[tokio::test]
async fn t276_a_token_is_over_when_it_says_so_and_when_its_tenant_stops() {
    let scene = Scene::new().await;
    let person = scene.signed(&scene.person()).await;
    let tenant = scene.view.tenant.clone().suspend().expect("was active");
    scene.world.directory.show(builders::view(tenant.clone(), scene.world.clock.now()));
    assert_eq!(scene.shows(&person).await, refused());
    scene.world.directory.show(builders::view(tenant.resume().expect("was suspended"), scene.world.clock.now()));
    assert_eq!(scene.shows(&person).await, Ok(()));
    scene.world.clock.advance(Duration::from_secs(600));
    assert_eq!(scene.shows(&person).await, refused());
}

#[tokio::test]
async fn t276_the_stream_of_a_person_whose_grant_was_taken_back_ends() {
    let scene = Scene::new().await;
    let token = scene.signed(&scene.person()).await;
    let stream = begun(&mut scene.world.caller(&token)).await;
    let tx = Store::begin(&scene.world.store, scene.view.tenant.id).await.expect("begins");
    let now = scene.world.clock.now();
    tx.grants().revoke(scene.grant.id, RevocationReason::ByAdmin, now).await.expect("revokes");
    tx.commit().await.expect("commits");
    assert_eq!(end(stream).await.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn t276_the_stream_of_a_person_whose_token_was_taken_back_ends() {
    let scene = Scene::new().await;
    let claims = scene.person();
    let stream = begun(&mut scene.world.caller(&scene.signed(&claims).await)).await;
    scene.take_back(&claims).await;
    assert_eq!(end(stream).await.code(), Code::Unauthenticated);
}

/// A stream of that caller that has told something.
pub(crate) async fn begun(caller: &mut Caller) -> Streaming<WatchChangesResponse> {
    let mut stream = caller.watch.watch_changes(WatchChangesRequest::default()).await.expect("opened").into_inner();
    assert!(stream.message().await.expect("an answer").is_some());
    stream
}

/// What ends a stream.
pub(crate) async fn end(mut stream: Streaming<WatchChangesResponse>) -> Status {
    let ended = async {
        loop {
            if let Err(status) = stream.message().await {
                break status;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("ends")
}

#[tokio::test]
async fn t267_who_may_not_give_roles_changes_nothing_in_the_system_tenant() {
    let world = World::new().await;
    let system = world.tenant("system").await;
    let mut owner = world.operator().await;
    let user = chancery_proto::v1::User { username: "ada".into(), ..Default::default() };
    let create = |user| CreateUserRequest { parent: system.name.clone(), user: Some(user), ..Default::default() };
    let ada = owner.users.create_user(create(user)).await.expect("created").into_inner();
    let within = AdminReach::Tenant(system.uid.parse().expect("a uid"));
    for (reach, role) in [(AdminReach::Platform, BuiltInRole::PlatformOperator), (within, BuiltInRole::TenantAdmin)] {
        let mut caller = world.with_role(reach, role).await;
        let denied = (Code::PermissionDenied, "PERMISSION_DENIED".to_owned());
        let user = chancery_proto::v1::User { username: "eve".into(), ..Default::default() };
        assert_eq!(refusal(caller.users.create_user(create(user)).await), denied, "{role:?}");
        let link = CreatePasswordLinkRequest { name: ada.name.clone(), ..Default::default() };
        assert_eq!(refusal(caller.users.create_password_link(link).await), denied, "{role:?}");
        assert!(caller.users.get_user(GetUserRequest { name: ada.name.clone() }).await.is_ok(), "looking is free");
    }
    let link = CreatePasswordLinkRequest { name: ada.name, ..Default::default() };
    assert!(owner.users.create_password_link(link).await.is_ok());
}

/// Whoever has the token of somebody who signed in long ago cannot make of it what counts as a new proof.
#[tokio::test]
async fn t191_a_sign_in_of_long_ago_makes_no_credential_for_this_api() {
    let scene = Scene::new().await;
    for member in [Principal::User(scene.user.id), Principal::Client(scene.robot.id.clone())] {
        scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member).await;
    }
    let acme = scene.world.tenant("acme").await.name;
    let user = format!("tenants/system/users/{}", scene.user.id);
    let link = || CreatePasswordLinkRequest { name: user.clone(), ..Default::default() };
    let secret = GenerateClientSecretRequest { parent: "tenants/system/clients/robot".into(), ..Default::default() };
    let key = || {
        let api_key = Some(ApiKey { display_name: "automation".into(), ..Default::default() });
        CreateApiKeyRequest { parent: acme.clone(), api_key, ..Default::default() }
    };
    let bind = || {
        let (role, member) = ("roles/tenant.admin".into(), "certificates/ops.example".into());
        let role_binding = Some(RoleBinding { role, member, ..Default::default() });
        CreateRoleBindingRequest { parent: acme.clone(), role_binding, ..Default::default() }
    };
    let role = |permissions: &[&str]| Role {
        name: format!("{acme}/roles/helpdesk"),
        permissions: permissions.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    };
    let update = |permissions: &[&str]| UpdateRoleRequest {
        role: Some(role(permissions)),
        update_mask: mask(&["permissions"]),
        ..Default::default()
    };
    let create = CreateRoleRequest {
        parent: acme.clone(),
        role_id: "helpdesk".into(),
        role: Some(role(&["users.get", "users.list"])),
        ..Default::default()
    };

    let (id, _) = scene.world.insert_key(AdminReach::Platform).await;
    let remove = || DeleteApiKeyRequest { name: format!("apiKeys/{id}"), ..Default::default() };
    let trial = DeleteApiKeyRequest { validate_only: true, ..remove() };

    let mut fresh = scene.world.caller(&scene.signed(&scene.person()).await);
    assert!(fresh.api_keys.delete_api_key(trial).await.is_ok());
    assert!(fresh.users.create_password_link(link()).await.is_ok());
    assert!(fresh.roles.create_role(create).await.is_ok());
    scene.world.clock.advance(Duration::from_secs(300));

    let mut stale = scene.world.caller(&scene.signed(&scene.person()).await);
    let again = (Code::Unauthenticated, "STEP_UP_REQUIRED".to_owned());
    assert_eq!(refusal(stale.users.create_password_link(link()).await), again);
    assert_eq!(refusal(stale.clients.generate_client_secret(secret.clone()).await), again);
    assert_eq!(refusal(stale.api_keys.create_api_key(key()).await), again);
    assert_eq!(refusal(stale.api_keys.delete_api_key(remove()).await), again, "its roles would go with it");
    assert_eq!(refusal(stale.role_bindings.create_role_binding(bind()).await), again);
    assert_eq!(refusal(stale.roles.update_role(update(&["users.get", "users.disable"])).await), again);
    assert!(stale.roles.update_role(update(&["users.get"])).await.is_ok(), "what is taken away is no credential");
    assert!(stale.users.get_user(GetUserRequest { name: user.clone() }).await.is_ok(), "looking is free");

    // A program proves itself with each call.
    let mut program = scene.world.caller(&scene.signed(&scene.program()).await);
    assert!(program.users.create_password_link(link()).await.is_ok());
    assert!(program.api_keys.create_api_key(key()).await.is_ok());
    assert!(program.role_bindings.create_role_binding(bind()).await.is_ok());
}
