//! Checkpoints and the keys that sign them.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    audit_chain::{AuditCheckpoint, AuditHash, AuditKey},
    fault::WriteError,
    id::TenantId,
};

use crate::world::World;

super::conformance! {
    chains_that_moved_want_a_checkpoint,
    checkpoints_are_read_as_they_were_written,
    keys_stay,
}

const MINUTE: Duration = Duration::from_secs(60);

async fn write(world: &World, tenant: Option<TenantId>, count: u32) {
    let tx = world.begin_platform().await;
    for _ in 0..count {
        tx.audit(AuditEvent::new(tenant, world.now(), Actor::System, Action::KeysRotated)).await.expect("takes it");
    }
    tx.commit().await.expect("commits");
}

fn checkpoint(world: &World, tenant: Option<TenantId>, position: u64) -> AuditCheckpoint {
    let (hash, key) = (AuditHash::from_bytes([7; 32]), "audit".parse().expect("an id"));
    AuditCheckpoint { tenant, position, hash, at: world.now(), key, signature: vec![1; 64] }
}

async fn sign(world: &World, tenant: Option<TenantId>, position: u64) -> Result<(), WriteError> {
    let tx = world.begin_platform().await;
    tx.audits().insert_checkpoint(&checkpoint(world, tenant, position)).await?;
    Ok(tx.commit().await?)
}

async fn chains_that_moved_want_a_checkpoint(world: World) {
    let acme = Some(world.tenant("acme").await.id);
    let unsigned = async || {
        let found = world.platform().audits().unsigned(1000, world.now() - MINUTE, 9).await.expect("reads");
        (found.contains(&acme), found.contains(&None))
    };
    assert_eq!(unsigned().await, (false, false));
    write(&world, acme, 3).await;
    write(&world, None, 1).await;
    assert_eq!(unsigned().await, (true, true), "there has been none");
    sign(&world, acme, 3).await.expect("inserts");
    sign(&world, None, 1).await.expect("inserts");
    world.clock.advance(2 * MINUTE);
    assert_eq!(unsigned().await, (false, false), "they did not move");
    write(&world, acme, 1).await;
    assert_eq!(unsigned().await, (true, false));
    sign(&world, acme, 4).await.expect("inserts");
    write(&world, acme, 999).await;
    assert_eq!(unsigned().await, (false, false), "neither long ago nor by much");
    write(&world, acme, 1).await;
    assert_eq!(unsigned().await, (true, false));
}

async fn checkpoints_are_read_as_they_were_written(world: World) {
    let acme = Some(world.tenant("acme").await.id);
    write(&world, acme, 5).await;
    for position in [2, 4, 5] {
        sign(&world, acme, position).await.expect("inserts");
    }
    assert!(matches!(sign(&world, acme, 4).await, Err(WriteError::Taken(_))));
    sign(&world, None, 4).await.expect("another chain");
    let found = world.platform().audits().checkpoints(acme, 3, 9).await.expect("reads");
    assert_eq!(found, [checkpoint(&world, acme, 4), checkpoint(&world, acme, 5)]);
    assert_eq!(world.platform().audits().checkpoints(acme, 1, 1).await.expect("reads").len(), 1);
    assert!(world.platform().audits().checkpoints(acme, 6, 9).await.expect("reads").is_empty());
}

async fn keys_stay(world: World) {
    let key = |id: &str| AuditKey {
        id: id.parse().expect("an id"),
        public: [3; 32],
        master_key: "first".parse().expect("an id"),
        sealed: vec![1, 2, 3],
        created_at: world.now(),
    };
    let insert = async |key: AuditKey| {
        let tx = world.begin_platform().await;
        tx.audits().insert_key(&key).await?;
        Ok::<_, WriteError>(tx.commit().await?)
    };
    insert(key("b")).await.expect("inserts");
    let first = key("b");
    assert!(matches!(insert(key("b")).await, Err(WriteError::Taken(_))));
    world.clock.advance(MINUTE);
    insert(key("a")).await.expect("inserts");
    assert_eq!(world.platform().audits().keys().await.expect("reads"), [first, key("a")]);
}
