//! The first owner.

use std::time::Duration;

use chancery_domain::{
    bootstrap::BootstrapToken,
    id::TenantSlug,
    ports::{platform::PlatformStore, store::Store},
    secret::{OpaqueToken, TokenKind},
    time::Clock,
};
use chancery_proto::v1::{
    BootstrapRequest, BootstrapResponse, ListTenantsRequest, bootstrap_service_client::BootstrapServiceClient,
};
use tonic::{Code, Status};

use crate::world::{AUDIENCE, World, refusal, seconds};

/// Leaves a token as a server does when it starts.
async fn left(world: &World) -> String {
    let token = OpaqueToken::generate(TokenKind::Bootstrap, &*world.random);
    let expires_at = world.clock.now() + BootstrapToken::LIFE;
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    tx.bootstrap_tokens().insert(&BootstrapToken { digest: token.digest(), expires_at }).await.expect("inserts");
    tx.commit().await.expect("commits");
    token.expose().to_owned()
}

async fn begin(world: &World, request: BootstrapRequest) -> Result<BootstrapResponse, Status> {
    let answer = BootstrapServiceClient::new(world.door(None)).bootstrap(request).await;
    answer.map(tonic::Response::into_inner)
}

fn with(token: &str) -> BootstrapRequest {
    BootstrapRequest { token: token.to_owned(), ..Default::default() }
}

fn invalid() -> (Code, String) {
    (Code::Unauthenticated, "BOOTSTRAP_TOKEN_INVALID".to_owned())
}

fn owned() -> (Code, String) {
    (Code::FailedPrecondition, "PLATFORM_OWNED".to_owned())
}

#[tokio::test]
async fn t279_a_token_makes_one_owner_and_is_spent() {
    let world = World::new().await;
    let (first, second) = (left(&world).await, left(&world).await);
    let made = begin(&world, with(&format!("{first}\n"))).await.expect("begun");
    let key = made.api_key.expect("an entry");
    assert_eq!(key.expire_time.expect("ends").seconds - key.create_time.expect("began").seconds, 90 * 86_400);
    assert!(world.caller(&made.secret).tenants.list_tenants(ListTenantsRequest::default()).await.is_ok());
    for token in [&first, &second] {
        assert_eq!(refusal(begin(&world, with(token)).await), owned());
    }
    let audit = world.store.audit();
    let told: Vec<_> =
        audit.iter().map(|event| (event.author.actor.parts().0, event.action.code(), event.reason)).collect();
    assert_eq!(told, [("system", "create", Some("bootstrap")), ("system", "create", Some("bootstrap"))]);
}

#[tokio::test]
async fn t279_whoever_comes_after_the_owner_is_refused_with_a_good_token_too() {
    let world = World::new().await;
    let token = left(&world).await;
    drop(world.operator().await);
    assert_eq!(refusal(begin(&world, with(&token)).await), owned());
}

#[tokio::test]
async fn a_token_that_is_unknown_expired_or_none_makes_nobody() {
    let world = World::new().await;
    let token = left(&world).await;
    let unknown = format!("cho_{}", "A".repeat(43));
    let key = token.replacen("cho_", "cha_", 1);
    for wrong in ["", &unknown, &key] {
        assert_eq!(refusal(begin(&world, with(wrong)).await), invalid(), "{wrong}");
    }
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(refusal(begin(&world, with(&token)).await), invalid());
}

#[tokio::test]
async fn a_wrong_try_spends_no_token_and_many_are_too_many() {
    let world = World::new().await;
    let token = left(&world).await;
    let short = BootstrapRequest { ttl: seconds(3600), ..with(&token) };
    assert_eq!(refusal(begin(&world, short).await).1, "FIELD_INVALID");
    for _ in 0..4 {
        assert_eq!(refusal(begin(&world, with("guess")).await), invalid());
    }
    let many = refusal(begin(&world, with(&token)).await);
    assert_eq!(many, (Code::ResourceExhausted, "TOO_MANY_TRIES".to_owned()));
    world.clock.advance(Duration::from_secs(60));
    assert!(begin(&world, with(&token)).await.is_ok());
}

#[tokio::test]
async fn of_parallel_tokens_one_makes_an_owner() {
    let world = World::new().await;
    let mut tries = Vec::new();
    for _ in 0..4 {
        tries.push(begin(&world, with(&left(&world).await)));
    }
    let [one, two, three, four] = tries.try_into().map_err(drop).expect("four");
    let (one, two, three, four) = tokio::join!(one, two, three, four);
    assert_eq!([one, two, three, four].iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn the_system_tenant_is_made_where_it_is_asked_for() {
    let world = World::new().await;
    let token = left(&world).await;
    let made = begin(&world, BootstrapRequest { system_tenant: true, ..with(&token) }).await.expect("begun");
    assert_eq!(made.system_tenant, "tenants/system");
    assert_eq!(made.issuer, "https://id.example/t/system");
    let slug: TenantSlug = "system".parse().expect("a slug");
    let tenant = PlatformStore::read(&world.store).tenants().find_by_slug(&slug).await.expect("reads").expect("there");
    let rows = Store::read(&world.store, tenant.id);
    let client = rows.clients().find(&made.client_id.parse().expect("an id")).await.expect("reads").expect("there");
    assert!(client.is_public() && client.admits_redirect("http://127.0.0.1:4711/callback"));
    assert!(client.scopes.contains("chancery.admin"));
    let scopes = rows.scopes().all().await.expect("reads");
    assert_eq!(scopes.iter().map(|scope| scope.value.as_str()).collect::<Vec<_>>(), ["chancery.admin"]);
    let resources = rows.resources().all().await.expect("reads");
    let [resource] = &resources[..] else { panic!("{resources:?}") };
    assert_eq!(resource.identifier.as_str(), AUDIENCE);
    assert!(resource.scopes.contains("chancery.admin"));
    assert!(!world.store.keys(tenant.id).is_empty(), "it can sign");
}

#[tokio::test]
async fn nothing_stands_when_the_system_tenant_cannot_be_made() {
    let world = World::new().await;
    world.tenant("system").await;
    // The key of the operator who made that tenant is over.
    world.clock.advance(Duration::from_secs(3600));
    let token = left(&world).await;
    let answer = begin(&world, BootstrapRequest { system_tenant: true, ..with(&token) }).await;
    assert_eq!(refusal(answer), (Code::AlreadyExists, "TENANT_EXISTS".to_owned()));
    assert!(begin(&world, with(&token)).await.is_ok(), "the token is not spent");
}
