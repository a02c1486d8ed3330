//! What keys promise: a longer life is recorded before the first longer token, and a shorter one forgets nothing.

use std::time::Duration;

use chancery_domain::{
    fault::WriteError, id::TenantId, key_policy::Margins, ports::store::Store, time::Clock, vocabulary::Algorithm,
};
use chancery_keys::{
    promise,
    rotate::{self, Ask, RotateError},
};

use crate::world::World;

const HOUR: Duration = Duration::from_secs(3600);

impl World {
    async fn promise(&self, tenant: TenantId, life: Duration) -> Result<(), WriteError> {
        let tx = Store::begin(&self.store, tenant).await?;
        promise::write(&*tx, life, &Margins::STANDARD, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[tokio::test]
async fn the_active_keys_and_those_to_come_know_the_longest_life() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let life = |label| world.the(tenant.id, label).promise.life;
    assert_eq!(life("active"), tenant.settings.longest_life());
    world.promise(tenant.id, 2 * HOUR).await.expect("recorded");
    assert_eq!(life("active"), 2 * HOUR);

    world.clock.advance(world.store.due(tenant.id).expect("a schedule").since(world.clock.now()) + 33 * 24 * HOUR);
    world.work_off(tenant.id).await;
    assert_eq!(life("active"), 2 * HOUR, "the next key begins with it");
    let old = world.the(tenant.id, "retiring");
    assert_eq!(old.state().retire_at(), Some(world.clock.now() + 2 * HOUR + Duration::from_secs(150)));
}

#[tokio::test]
async fn a_rotation_that_was_planned_for_another_life_is_not_written() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let planned = rotate::prepare(&world.cx, tenant.id, Ask::Now { algorithm: None, immediate: true }).await;
    world.promise(tenant.id, HOUR).await.expect("recorded");
    let late = rotate::apply(&world.cx, planned.expect("prepared"), chancery_domain::audit::Actor::System).await;
    assert!(matches!(late, Err(RotateError::Changed)), "{late:?}");
}
