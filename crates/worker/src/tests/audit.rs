//! The chains of the audit get what waits for them, and are signed.

use chancery_audit::is_signed;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    audit_chain::AuditCheckpoint,
    id::UserId,
    ports::{audit::AuditQuery, platform::PlatformStore},
};

use super::*;
use crate::tasks::{SealAudit, SignAudit};

fn signed_in(world: &World, tenant: TenantId) {
    let user = UserId::generate(world.keys.random.as_ref(), world.clock.now());
    let event = AuditEvent::new(Some(tenant), world.clock.now(), Actor::User(user), Action::SignedIn);
    world.store.audit_later(event);
}

async fn length(world: &World, tenant: Option<TenantId>) -> u64 {
    let head = PlatformStore::read(&world.store).audits().head(tenant).await.expect("reads");
    head.map_or(0, |head| head.position)
}

async fn checkpoints(world: &World, tenant: Option<TenantId>) -> Vec<AuditCheckpoint> {
    PlatformStore::read(&world.store).audits().checkpoints(tenant, 1, 99).await.expect("reads")
}

#[tokio::test]
async fn what_waits_gets_its_place_and_a_pause_is_told_of_once() {
    let world = World::new();
    let (acme, stop, cx) = (world.tenant("acme").await, CancellationToken::new(), world.process("one"));
    let sealer = runner(&cx, SealAudit::new(&cx));
    assert_eq!(sealer.wake(&stop).await, Woken::Idle);
    for _ in 0..1500 {
        signed_in(&world, acme);
    }
    assert_eq!(sealer.wake(&stop).await, Woken::Ran);
    assert_eq!(length(&world, Some(acme)).await, 1500);

    world.clock.advance(Duration::from_secs(600));
    signed_in(&world, acme);
    world.clock.advance(Duration::from_secs(50));
    assert_eq!(sealer.wake(&stop).await, Woken::Ran);
    let paused = || world.store.audit().into_iter().filter(|event| event.action == Action::SealingPaused).count();
    assert_eq!(paused(), 0, "nothing waited for long");

    for _ in 0..2000 {
        signed_in(&world, acme);
    }
    world.clock.advance(Duration::from_secs(61));
    signed_in(&world, acme);
    sealer.wake(&stop).await;
    sealer.wake(&stop).await;
    assert_eq!((paused(), length(&world, Some(acme)).await), (1, 3502));
    assert_eq!(length(&world, None).await, 1, "it is in the platform's chain");
}

#[tokio::test]
async fn chains_that_moved_are_signed_and_the_key_is_made_once_a_year() {
    let world = World::new();
    let (acme, stop, cx) = (world.tenant("acme").await, CancellationToken::new(), world.process("one"));
    let [sealer, signer] = [runner(&cx, SealAudit::new(&cx)), runner(&cx, SignAudit::new(&cx))];
    assert_eq!(signer.wake(&stop).await, Woken::Idle);
    signed_in(&world, acme);
    assert_eq!(signer.wake(&stop).await, Woken::Idle, "it has no place yet");
    sealer.wake(&stop).await;
    assert_eq!(signer.wake(&stop).await, Woken::Ran);
    let first = checkpoints(&world, Some(acme)).await;
    let keys = PlatformStore::read(&world.store).audits().keys().await.expect("reads");
    assert_eq!((first.len(), keys.len()), (1, 1));
    assert!(is_signed(&first[0], &keys[0].public));
    assert!(!is_signed(&AuditCheckpoint { position: 2, ..first[0].clone() }, &keys[0].public));
    // The key itself was told of in the platform's chain, which is signed as well.
    assert_eq!(checkpoints(&world, None).await.len(), 1);

    world.clock.advance(Duration::from_secs(400 * 86_400));
    assert_eq!(signer.wake(&stop).await, Woken::Idle, "nothing moved");
    signed_in(&world, acme);
    sealer.wake(&stop).await;
    signer.wake(&stop).await;
    let keys = PlatformStore::read(&world.store).audits().keys().await.expect("reads");
    let second = checkpoints(&world, Some(acme)).await.remove(1);
    assert_eq!((keys.len(), second.key == keys[1].id), (2, true), "the first one is old, and stays known");
    assert!(keys.iter().all(|key| chancery_keys::audit::is_genuine(&world.keys, key) == Some(true)));
    let swapped = chancery_domain::audit_chain::AuditKey { public: keys[0].public, ..keys[1].clone() };
    assert_eq!(chancery_keys::audit::is_genuine(&world.keys, &swapped), Some(false));
    let query = AuditQuery { limit: 9, ..AuditQuery::default() };
    let platform = PlatformStore::read(&world.store).audits().events(None, query).await.expect("reads");
    assert!(platform.iter().any(|event| event.text.contains("audit_key.create")));
}
