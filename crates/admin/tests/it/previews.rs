//! What a preview tells is what happens.

use std::time::Duration;

use chancery_admin::Danger;
use chancery_domain::{
    claims_request::ClaimsRequest,
    client::Client,
    grant::Grant,
    id::{FamilyId, GrantId, TenantId},
    ports::{
        impact::{Impact, Standing, Within},
        store::Store,
    },
    refresh::{RefreshFamily, RefreshToken},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    time::Clock,
    user::User,
};
use chancery_proto::v1::{
    CompromiseKeyRequest, CompromiseTenantKeysRequest, DeleteClientRequest, DeleteTenantRequest, DeleteUserRequest,
    DisableClientRequest, DisableUserRequest, KeyPolicy, Preview, SuspendTenantRequest, Tenant, TenantSettings,
    UpdateKeyPolicyRequest, UpdateTenantRequest, key::State, preview::effect::Kind,
};
use chancery_testkit::{SeededRandom, builders};
use tonic::Code;

use crate::{
    key_alarms::keys,
    world::{Caller, World, mask, refusal, seconds},
};

const DAY: Duration = Duration::from_secs(86_400);

/// A tenant in which two users gave two clients something: four grants with a family each, and two sessions.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) operator: Caller,
    tenant: TenantId,
    clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    random: SeededRandom,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::of(World::new().await).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let tenant = world.tenant("acme").await.uid.parse().expect("a uid");
        let operator = world.operator().await;
        let random = SeededRandom::new(3);
        let now = world.clock.now();
        let clients = ["web", "app"].map(|id| builders::public_client(id, &random, now)).to_vec();
        let users = ["ada", "bob"].map(|name| builders::user(name, &random, now)).to_vec();
        let scene = Self { world, operator, tenant, clients, users, random };
        let tx = Store::begin(&scene.world.store, tenant).await.expect("begins");
        for client in &scene.clients {
            tx.clients().insert(client).await.expect("inserts");
        }
        for user in &scene.users {
            tx.users().insert(user).await.expect("inserts");
        }
        tx.commit().await.expect("commits");
        for user in &scene.users {
            scene.sign_in(user).await;
        }
        scene
    }

    /// A session in which the user gives every client something.
    pub(crate) async fn sign_in(&self, user: &User) {
        let now = self.world.clock.now();
        let tx = Store::begin(&self.world.store, self.tenant).await.expect("begins");
        let stored = builders::tenant("acme", &self.random, now);
        let (session, _): (Session, _) = builders::session(user, &stored, &self.random, now);
        tx.sessions().insert(&session).await.expect("inserts");
        for client in &self.clients {
            let grant = Grant {
                id: GrantId::generate(&self.random, now),
                client: client.uid,
                user: user.id,
                session: session.id,
                resources: ResourceSet::default(),
                scopes: ScopeSet::parse("openid").expect("scopes"),
                authenticated_at: now,
                amr: vec![],
                acr: None,
                claims: ClaimsRequest::default(),
                created_at: now,
                expires_at: now + DAY,
                revoked: None,
            };
            let family = RefreshFamily {
                id: FamilyId::generate(&self.random, now),
                grant: grant.id,
                client: client.uid,
                confirmation: None,
                created_at: now,
                expires_at: now + DAY,
            };
            let digest = OpaqueToken::generate(TokenKind::Refresh, &self.random).digest();
            let first = RefreshToken {
                digest,
                family: family.id,
                issued_at: now,
                expires_at: now + DAY,
                turns: 0,
                spent: None,
            };
            tx.grants().insert(&grant).await.expect("inserts");
            tx.refresh().begin_family(&family, &first).await.expect("begins");
        }
        tx.commit().await.expect("commits");
    }

    async fn holding(&self) -> Impact {
        let now = self.world.clock.now();
        let standing = Standing { now, idle_since: now - Duration::from_secs(3600) };
        Store::read(&self.world.store, self.tenant).impact().holding(Within::Tenant, standing).await.expect("counts")
    }

    fn client(&self) -> String {
        format!("tenants/acme/clients/{}", self.clients[0].id)
    }

    fn user(&self) -> String {
        format!("tenants/acme/users/{}", self.users[0].id)
    }
}

pub(crate) fn count(preview: &Preview, kind: Kind) -> u64 {
    let found = preview.effects.iter().find(|effect| effect.kind() == kind);
    found.map_or(0, |effect| u64::try_from(effect.count).expect("a count"))
}

/// What was told of sessions, grants and families, and what went.
fn assert_equal(preview: &Preview, before: &Impact, after: &Impact) {
    let told = [Kind::Sessions, Kind::Grants, Kind::RefreshFamilies].map(|kind| count(preview, kind));
    let gone = [before.sessions - after.sessions, before.grants - after.grants, before.families - after.families];
    assert_eq!(told, gone, "{preview:?}");
    assert!(told.iter().any(|count| *count > 0));
}

#[tokio::test]
async fn a_deleted_client_takes_what_was_told() {
    let mut scene = Scene::new().await;
    let before = scene.holding().await;
    let request = DeleteClientRequest { name: scene.client(), ..Default::default() };
    let preview = scene.operator.previews.preview_delete_client(request.clone()).await.expect("told").into_inner();
    assert_eq!(preview.name, scene.client());
    assert_eq!(count(&preview, Kind::Users), 2);
    assert_eq!(scene.holding().await, before, "a preview ends nothing");
    let request = DeleteClientRequest { preview_hash: preview.hash.clone(), ..request };
    scene.operator.clients.delete_client(request).await.expect("deleted");
    assert_equal(&preview, &before, &scene.holding().await);
}

#[tokio::test]
async fn a_deleted_or_disabled_user_takes_what_was_told() {
    for disable in [false, true] {
        let mut scene = Scene::new().await;
        let (before, name) = (scene.holding().await, scene.user());
        let preview = if disable {
            let request = DisableUserRequest { name, ..Default::default() };
            let preview =
                scene.operator.previews.preview_disable_user(request.clone()).await.expect("told").into_inner();
            let request = DisableUserRequest { preview_hash: preview.hash.clone(), ..request };
            scene.operator.users.disable_user(request).await.expect("disabled");
            preview
        } else {
            let request = DeleteUserRequest { name, ..Default::default() };
            let preview =
                scene.operator.previews.preview_delete_user(request.clone()).await.expect("told").into_inner();
            let request = DeleteUserRequest { preview_hash: preview.hash.clone(), ..request };
            scene.operator.users.delete_user(request).await.expect("deleted");
            preview
        };
        assert_eq!(count(&preview, Kind::Clients), 2);
        assert_equal(&preview, &before, &scene.holding().await);
    }
}

#[tokio::test]
async fn of_a_tenant_all_is_told() {
    let mut scene = Scene::new().await;
    let all = scene.holding().await;
    let published = keys(&mut scene.operator, "acme").await.len() as u64;
    let name = "tenants/acme".to_owned();
    let request = SuspendTenantRequest { name: name.clone(), ..Default::default() };
    let suspended = scene.operator.previews.preview_suspend_tenant(request.clone()).await.expect("told").into_inner();
    let deletion = DeleteTenantRequest { name, ..Default::default() };
    let deleted = scene.operator.previews.preview_delete_tenant(deletion).await.expect("told").into_inner();
    for preview in [&suspended, &deleted] {
        let kinds = [Kind::Clients, Kind::Users, Kind::Sessions, Kind::Grants, Kind::RefreshFamilies, Kind::Keys];
        let there = [all.clients.count, all.users.count, all.sessions, all.grants, all.families, published];
        assert_eq!(kinds.map(|kind| count(preview, kind)), there);
        let tokens = preview.effects.iter().find(|effect| effect.kind() == Kind::Tokens).expect("tokens");
        assert!(tokens.until_time.is_some());
    }
    let request = SuspendTenantRequest { preview_hash: suspended.hash, ..request };
    scene.operator.tenants.suspend_tenant(request.clone()).await.expect("suspended");
    let again = scene.operator.previews.preview_suspend_tenant(request).await;
    assert_eq!(refusal(again).1, "TENANT_SUSPENDED", "refused like the call itself");
}

#[tokio::test]
async fn a_compromise_takes_the_keys_that_were_told() {
    let scene = Scene::new().await;
    scene.world.clock.advance(Duration::from_secs(30 * 3600));
    // The caller's key was good for an hour.
    let mut operator = scene.world.operator().await;
    let active = keys(&mut operator, "acme").await.into_iter().find(|key| key.state() == State::Active);
    let name = active.expect("an active key").name;
    let request = CompromiseKeyRequest { name: name.clone(), reason: "seen".into(), ..Default::default() };
    let preview = operator.previews.preview_compromise_key(request.clone()).await.expect("told").into_inner();
    assert_eq!(preview.effects[0].samples, std::slice::from_ref(&name));
    // Time goes by, and the hash is still of the same state.
    scene.world.clock.advance(Duration::from_secs(60));
    let request = CompromiseKeyRequest { preview_hash: preview.hash, ..request };
    operator.keys.compromise_key(request).await.expect("compromised");
    let gone = keys(&mut operator, "acme").await.into_iter().filter(|key| key.state() == State::Compromised);
    assert_eq!(gone.map(|key| key.name).collect::<Vec<_>>(), [name]);
    let request = CompromiseTenantKeysRequest {
        parent: "tenants/acme".into(),
        reason: "stolen".into(),
        allow_unannounced: true,
        ..Default::default()
    };
    let preview = operator.previews.preview_compromise_tenant_keys(request.clone()).await.expect("told").into_inner();
    let request = CompromiseTenantKeysRequest { preview_hash: preview.hash.clone(), ..request };
    let done = operator.keys.compromise_tenant_keys(request).await.expect("compromised").into_inner();
    assert_eq!(count(&preview, Kind::Keys), done.gone_keys.len() as u64);
}

#[tokio::test]
async fn a_shorter_idle_time_ends_the_sessions_that_were_told() {
    let mut scene = Scene::new().await;
    scene.world.clock.advance(Duration::from_secs(1800));
    let fresh = scene.users[1].clone();
    scene.sign_in(&fresh).await;
    let request = |idle, hash: &str| UpdateTenantRequest {
        tenant: Some(Tenant {
            name: "tenants/acme".into(),
            settings: Some(TenantSettings { session_idle_ttl: seconds(idle), ..Default::default() }),
            ..Default::default()
        }),
        update_mask: mask(&["settings.session_idle_ttl"]),
        preview_hash: hash.into(),
        ..Default::default()
    };
    let preview = scene.operator.previews.preview_update_tenant(request(900, "")).await.expect("told").into_inner();
    assert_eq!(count(&preview, Kind::Sessions), 2, "of three, those that were not used for half an hour");
    let other = scene.operator.tenants.update_tenant(request(600, &preview.hash)).await;
    assert_eq!(refusal(other), (Code::Aborted, "PREVIEW_CHANGED".to_owned()), "another request");
    scene.operator.tenants.update_tenant(request(900, &preview.hash)).await.expect("updated");
}

#[tokio::test]
async fn a_policy_tells_which_keys_go() {
    let mut scene = Scene::new().await;
    let request = |algorithm: &str, hash: &str| UpdateKeyPolicyRequest {
        key_policy: Some(KeyPolicy {
            name: "tenants/acme/keyPolicy".into(),
            algorithms: vec![algorithm.into()],
            ..Default::default()
        }),
        update_mask: mask(&["algorithms"]),
        preview_hash: hash.into(),
        ..Default::default()
    };
    let ask = request("EdDSA", "");
    let preview = scene.operator.previews.preview_update_key_policy(ask).await.expect("told").into_inner();
    assert!(count(&preview, Kind::Keys) + count(&preview, Kind::SigningKeys) > 0, "{preview:?}");
    scene.operator.keys.update_key_policy(request("EdDSA", &preview.hash)).await.expect("updated");
    let again = scene.operator.keys.update_key_policy(request("EdDSA", &preview.hash)).await;
    assert_eq!(refusal(again), (Code::Aborted, "PREVIEW_CHANGED".to_owned()), "the policy is another by now");
}

#[tokio::test]
async fn another_state_caller_request_or_time_is_refused() {
    let mut scene = Scene::new().await;
    let changed = (Code::Aborted, "PREVIEW_CHANGED".to_owned());
    let ask = DisableClientRequest { name: scene.client(), ..Default::default() };
    let hash = scene.operator.previews.preview_disable_client(ask.clone()).await.expect("told").into_inner().hash;
    let request = DisableClientRequest { preview_hash: hash, ..ask.clone() };
    let stranger = scene.world.operator().await.clients.disable_client(request.clone()).await;
    assert_eq!(refusal(stranger), changed);
    let other = DisableClientRequest { name: "tenants/acme/clients/app".into(), ..request.clone() };
    assert_eq!(refusal(scene.operator.clients.disable_client(other).await), changed);
    let forged = DisableClientRequest { preview_hash: "AAAA".into(), ..request.clone() };
    assert_eq!(refusal(scene.operator.clients.disable_client(forged).await), changed);

    let newcomer = scene.users[0].clone();
    scene.sign_in(&newcomer).await;
    assert_eq!(refusal(scene.operator.clients.disable_client(request).await), changed, "one grant more");

    let hash = scene.operator.previews.preview_disable_client(ask.clone()).await.expect("told").into_inner().hash;
    let request = DisableClientRequest { preview_hash: hash, ..ask };
    scene.world.clock.advance(Duration::from_secs(601));
    assert_eq!(refusal(scene.operator.clients.disable_client(request).await), changed, "too old");
}

#[tokio::test]
async fn a_deployment_can_insist() {
    let world = World::wanting_previews(vec![Danger::DisableClient]).await;
    let mut scene = Scene::of(world).await;
    let ask = DisableClientRequest { name: scene.client(), ..Default::default() };
    let refused = refusal(scene.operator.clients.disable_client(ask.clone()).await);
    assert_eq!(refused, (Code::FailedPrecondition, "PREVIEW_REQUIRED".to_owned()));
    let hash = scene.operator.previews.preview_disable_client(ask.clone()).await.expect("told").into_inner().hash;
    let request = DisableClientRequest { preview_hash: hash, ..ask };
    scene.operator.clients.disable_client(request).await.expect("disabled");
    let request = DeleteClientRequest { name: scene.client(), ..Default::default() };
    scene.operator.clients.delete_client(request).await.expect("not insisted on");
}
