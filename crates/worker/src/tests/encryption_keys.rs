//! The worker turns the keys that clients encrypt to.

use chancery_domain::{audit::Actor, encryption_key::EncryptionKey, ports::platform::PlatformStore, tenant::Tenant};
use chancery_keys::encryption;

use super::*;
use crate::tasks::TurnEncryptionKeys;

impl World {
    /// A tenant that takes encrypted requests and has keys for that, stored whole.
    async fn encrypting(&self, slug: &str) -> Tenant {
        let id = self.tenant(slug).await;
        let mut tenant = builders::tenant(slug, self.keys.random.as_ref(), self.clock.now());
        (tenant.id, tenant.profile, tenant.settings.request_object_encryption) = (id, Profile::Oidc, true);
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        tx.tenants().insert(&tenant).await.expect("inserts");
        tx.commit().await.expect("commits");
        assert!(encryption::look_after(&self.keys, &tenant, Actor::System).await.expect("made"));
        tenant
    }

    async fn encryption_keys(&self, tenant: &Tenant) -> Vec<EncryptionKey> {
        Store::read(&self.store, tenant.id).encryption_keys().all().await.expect("reads")
    }
}

#[tokio::test]
async fn encryption_keys_are_turned_when_their_time_has_come() {
    let world = World::new();
    let tenants = [world.encrypting("acme").await, world.encrypting("globex").await];
    world.tenant("without").await;
    let cx = world.process("one");
    let (turn, stop) = (runner(&cx, TurnEncryptionKeys::new(&cx)), CancellationToken::new());
    assert_eq!(turn.wake(&stop).await, Woken::Idle);
    world.let_keys_fall_due();
    assert_eq!(turn.wake(&stop).await, Woken::Ran);
    assert_eq!(turn.wake(&stop).await, Woken::Idle, "and the store knows when to look again");
    for tenant in &tenants {
        let keys = world.encryption_keys(tenant).await;
        assert_eq!((keys.len(), keys.iter().filter(|key| key.is_published()).count()), (4, 2));
    }
    world.let_keys_fall_due();
    assert_eq!(turn.wake(&stop).await, Woken::Ran);
    for tenant in &tenants {
        assert_eq!(world.encryption_keys(tenant).await.len(), 4, "what was withdrawn first is destroyed");
    }
}

#[tokio::test]
async fn a_tenant_whose_encryption_keys_fail_holds_nobody_up() {
    let world = World::new();
    let (broken, sound) = (world.encrypting("broken").await, world.encrypting("sound").await);
    world.let_keys_fall_due();
    world.store.make_unreadable(broken.id);
    let cx = world.process("one");
    runner(&cx, TurnEncryptionKeys::new(&cx)).wake(&CancellationToken::new()).await;
    assert_eq!(world.encryption_keys(&sound).await.len(), 4);
}
