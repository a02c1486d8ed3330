//! An algorithm given up in every tenant.

use std::time::Duration;

use chancery_domain::{admin_key::AdminReach, role::BuiltInRole};
use chancery_proto::v1::{
    CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, CompromiseTenantKeysRequest, DeleteTenantRequest, Key,
    Tenant, key::State,
};
use tonic::Code;

use crate::{
    key_alarms::keys,
    world::{Caller, World, metadata, refusal},
};

/// More than two pages of tenants.
const TENANTS: usize = 45;

fn order() -> CompromiseAlgorithmRequest {
    CompromiseAlgorithmRequest { algorithm: "ES256".into(), reason: "broken".into(), ..Default::default() }
}

async fn tenants(world: &World) -> Vec<Tenant> {
    let mut tenants = Vec::with_capacity(TENANTS);
    for number in 0..TENANTS {
        tenants.push(world.tenant(&format!("tenant{number:02}")).await);
    }
    world.clock.advance(Duration::from_secs(60));
    tenants
}

/// Every answer, to the last.
async fn all(caller: &mut Caller, request: CompromiseAlgorithmRequest) -> Vec<CompromiseAlgorithmResponse> {
    let mut stream = caller.keys.compromise_algorithm(request).await.expect("begun").into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await.expect("goes on") {
        answers.push(answer);
    }
    assert!(answers.last().expect("one at least").done);
    answers
}

#[tokio::test]
async fn an_order_that_is_cut_off_goes_on_where_it_was() {
    let world = World::new().await;
    let tenants = tenants(&world).await;
    let mut operator = world.operator().await;
    let mut stream = operator.keys.compromise_algorithm(order()).await.expect("begun").into_inner();
    let first = stream.message().await.expect("told").expect("an answer");
    assert_eq!((first.tenants_seen, first.keys_compromised, first.done), (20, 20, false));
    drop(stream);

    // Time goes by, so that nothing is spared for being as old as the order.
    world.clock.advance(Duration::from_secs(60));
    let again = CompromiseAlgorithmRequest { made_before: first.made_before, ..order() };
    let told = all(&mut operator, again.clone()).await;
    assert!(told.iter().all(|answer| answer.made_before == first.made_before));
    let last = told.last().expect("an end");
    assert_eq!((last.tenants_seen, last.tenants_failed), (45, 0));
    assert!(last.keys_compromised <= 25, "those of the first page were not touched again");
    let nothing = all(&mut operator, again).await;
    assert_eq!(nothing.last().expect("an end").keys_compromised, 0);
    for tenant in tenants {
        let keys = world.store.keys(tenant.uid.parse().expect("a uid"));
        let labels: Vec<_> = keys.iter().map(|key| key.state().label()).collect();
        assert_eq!(labels, ["compromised", "active", "standby"], "{}", tenant.name);
    }
    assert_eq!(world.store.audit().iter().filter(|event| event.note.as_deref() == Some("broken")).count(), 45 * 3);
}

#[tokio::test]
async fn a_trial_counts_and_changes_nothing() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.clock.advance(Duration::from_secs(60));
    let mut operator = world.operator().await;
    let before = keys(&mut operator, "acme").await;
    let trial = CompromiseAlgorithmRequest { validate_only: true, ..order() };
    let told = all(&mut operator, trial).await;
    assert_eq!((told[0].tenants_seen, told[0].tenants_changed, told[0].keys_compromised), (1, 1, 1));
    assert_eq!(keys(&mut operator, "acme").await, before);
    let other = CompromiseAlgorithmRequest { algorithm: "RS256".into(), ..order() };
    assert_eq!(all(&mut operator, other).await[0].tenants_changed, 0);
    assert_eq!(world.store.keys(acme.uid.parse().expect("a uid")).len(), 2);
}

#[tokio::test]
async fn a_tenant_that_fails_is_named_and_the_others_go_on() {
    let world = World::new().await;
    let (broken, _) = (world.tenant("acme").await, world.tenant("bolt").await);
    let gone = world.tenant("cyan").await;
    let mut operator = world.operator().await;
    operator
        .tenants
        .delete_tenant(DeleteTenantRequest { name: gone.name, ..Default::default() })
        .await
        .expect("deleted");
    world.clock.advance(Duration::from_secs(60));
    let everything = CompromiseAlgorithmRequest { include_standby: true, ..order() };
    let told = all(&mut operator, everything).await;
    let reasons: Vec<_> = told[0].failures.iter().map(|one| (one.tenant.as_str(), one.reason.as_str())).collect();
    let last_key = "LAST_KEY";
    assert_eq!(reasons, [("tenants/acme", last_key), ("tenants/bolt", last_key), ("tenants/cyan", last_key)]);

    world.store.make_unreadable(broken.uid.parse().expect("a uid"));
    let told = all(&mut operator, order()).await;
    let reasons: Vec<_> = told[0].failures.iter().map(|one| (one.tenant.as_str(), one.reason.as_str())).collect();
    assert_eq!(reasons, [("tenants/acme", "STORE_UNAVAILABLE")]);
    assert_eq!((told[0].tenants_failed, told[0].tenants_changed), (1, 2), "a deleted tenant can come back");
    let states: Vec<_> = keys(&mut operator, "bolt").await.iter().map(Key::state).collect();
    assert!(states.contains(&State::Compromised));
}

#[tokio::test]
async fn an_order_over_all_is_read_with_care() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let ahead = prost_types::Timestamp { seconds: 4_000_000_000, nanos: 0 };
    for (request, field) in [
        (CompromiseAlgorithmRequest { algorithm: String::new(), ..order() }, "algorithm"),
        (CompromiseAlgorithmRequest { algorithm: "none".into(), ..order() }, "algorithm"),
        (CompromiseAlgorithmRequest { reason: " ".into(), ..order() }, "reason"),
        (CompromiseAlgorithmRequest { made_before: Some(ahead), ..order() }, "made_before"),
    ] {
        let refused = operator.keys.compromise_algorithm(request).await.map(|_| ());
        assert_eq!(metadata(&refused, "field"), field);
    }
}

/// Nobody leaves a broken algorithm in the tenant whose tokens open this API.
#[tokio::test]
async fn an_order_over_all_reaches_the_system_tenant_too() {
    let world = World::new().await;
    let system = world.tenant("system").await;
    world.clock.advance(Duration::from_secs(60));
    let mut officer = world.with_role(AdminReach::Platform, BuiltInRole::PlatformKeyOfficer).await;
    let alone = CompromiseTenantKeysRequest { parent: system.name, reason: "broken".into(), ..Default::default() };
    let denied = (Code::PermissionDenied, "PERMISSION_DENIED".to_owned());
    assert_eq!(refusal(officer.keys.compromise_tenant_keys(alone).await), denied);
    let told = all(&mut officer, order()).await;
    assert_eq!((told[0].tenants_changed, told[0].tenants_failed), (1, 0));
}
