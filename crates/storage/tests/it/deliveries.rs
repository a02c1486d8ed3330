//! The outbox: what is owed stays until it is settled, and of two who claim an attempt one gets it.

use std::time::Duration;

use chancery_domain::{
    delivery::{Delivery, DeliveryKind},
    id::{DeliveryId, TenantId},
    outbound::Reach,
    ports::deliveries::{Owed, Wish},
    version::Version,
};

use crate::world::{DAY, Home, World};

super::conformance! {
    an_attempt_is_claimed_once_until_its_claim_is_over,
    what_is_settled_is_gone_and_what_is_put_off_waits,
    a_late_word_about_an_attempt_changes_nothing,
    a_place_with_many_stands_before_nobody,
    t177_a_tenant_with_many_places_stands_before_nobody,
    of_two_who_claim_at_once_one_gets_it,
    what_was_not_committed_is_not_owed,
    it_goes_with_its_client,
    a_kind_that_is_not_known_here_is_left_alone,
    what_nobody_delivers_goes_in_the_end,
}

const MINUTE: Duration = Duration::from_secs(60);

fn wish(most: u32, of_one_place: u32, not_for: &[&str]) -> Wish {
    let not_for = not_for.iter().map(|place| format!("{place}:443")).collect();
    Wish { most, of_one_place, of_one_tenant: most, not_for, not_of: Vec::new() }
}

impl World {
    fn delivery(&self, home: &Home, host: &str) -> Delivery {
        let target = Reach::public().check(&format!("https://{host}/logout")).expect("a target");
        let id = DeliveryId::generate(&*self.random, self.now());
        let kind = DeliveryKind::BackchannelLogout;
        Delivery::new(id, home.client.uid, kind, &target, "{\"sid\":1}".into(), self.now()).expect("a delivery")
    }

    async fn owe(&self, home: &Home, host: &str) -> Delivery {
        let delivery = self.delivery(home, host);
        let tx = self.begin(home.tenant.id).await;
        tx.deliveries().insert(&delivery).await.expect("inserts");
        tx.commit().await.expect("commits");
        delivery
    }

    async fn claim(&self, wish: &Wish) -> Vec<Owed> {
        let tx = self.begin_platform().await;
        let owed = tx.deliveries().claim(self.now(), self.now() + MINUTE, wish).await.expect("claims");
        tx.commit().await.expect("commits");
        owed
    }

    async fn settle(&self, owed: &Owed) -> bool {
        let tx = self.begin_platform().await;
        let settled = tx.deliveries().settle(owed).await.expect("settles");
        tx.commit().await.expect("commits");
        settled
    }

    async fn put_off(&self, owed: &Owed, by: Duration) -> bool {
        let tx = self.begin_platform().await;
        let put_off = tx.deliveries().put_off(owed, self.now() + by, "too_slow").await.expect("puts off");
        tx.commit().await.expect("commits");
        put_off
    }

    async fn is_due(&self) -> bool {
        self.platform().deliveries().is_any_due(self.now()).await.expect("reads")
    }
}

fn hosts(owed: &[Owed]) -> Vec<&str> {
    owed.iter().map(|owed| owed.delivery.place.trim_end_matches(":443")).collect()
}

async fn an_attempt_is_claimed_once_until_its_claim_is_over(world: World) {
    let home = world.home("acme").await;
    assert!(!world.is_due().await);
    let delivery = world.owe(&home, "a.example").await;
    assert!(world.is_due().await);
    let claimed = Delivery { attempts: 1, next_attempt_at: world.now() + MINUTE, ..delivery };
    let owed = Owed { tenant: home.tenant.id, delivery: claimed.clone() };
    assert_eq!(world.claim(&wish(10, 4, &[])).await, [owed]);
    assert!(!world.is_due().await && world.claim(&wish(10, 4, &[])).await.is_empty());
    world.clock.advance(MINUTE);
    let again = Delivery { attempts: 2, next_attempt_at: world.now() + MINUTE, ..claimed };
    assert_eq!(world.claim(&wish(10, 4, &[])).await, [Owed { tenant: home.tenant.id, delivery: again }]);
}

async fn what_is_settled_is_gone_and_what_is_put_off_waits(world: World) {
    let home = world.home("acme").await;
    for host in ["a.example", "b.example"] {
        world.owe(&home, host).await;
        world.clock.advance(Duration::from_millis(1));
    }
    let owed = world.claim(&wish(10, 4, &[])).await;
    assert_eq!(hosts(&owed), ["a.example", "b.example"]);
    assert!(world.settle(&owed[0]).await && !world.settle(&owed[0]).await);
    assert!(world.put_off(&owed[1], Duration::from_secs(5)).await);
    world.clock.advance(Duration::from_secs(4));
    assert!(!world.is_due().await);
    world.clock.advance(Duration::from_secs(1));
    let again = world.claim(&wish(10, 4, &[])).await;
    assert_eq!(hosts(&again), ["b.example"]);
    assert_eq!((again[0].delivery.attempts, again[0].delivery.last_error.as_deref()), (2, Some("too_slow")));
    assert!(world.settle(&again[0]).await);
    world.clock.advance(DAY);
    assert!(!world.is_due().await);
}

async fn a_late_word_about_an_attempt_changes_nothing(world: World) {
    let home = world.home("acme").await;
    world.owe(&home, "a.example").await;
    let frozen = world.claim(&wish(1, 1, &[])).await.remove(0);
    world.clock.advance(MINUTE);
    let later = world.claim(&wish(1, 1, &[])).await.remove(0);
    assert!(!world.settle(&frozen).await && !world.put_off(&frozen, Duration::ZERO).await);
    assert!(!world.is_due().await, "the later claim stands");
    let elsewhere = Owed { tenant: TenantId::generate(&*world.random, world.now()), ..later.clone() };
    assert!(!world.settle(&elsewhere).await && !world.put_off(&elsewhere, Duration::ZERO).await);
    assert!(world.settle(&later).await);
}

async fn a_place_with_many_stands_before_nobody(world: World) {
    let (acme, globex) = (world.home("acme").await, world.home("globex").await);
    for _ in 0..6 {
        world.owe(&acme, "slow.example").await;
    }
    world.clock.advance(MINUTE);
    world.owe(&globex, "a.example").await;
    world.clock.advance(Duration::from_millis(1));
    world.owe(&acme, "b.example").await;
    assert_eq!(hosts(&world.claim(&wish(4, 2, &[])).await), ["slow.example", "slow.example", "a.example", "b.example"]);
    assert!(world.claim(&wish(4, 2, &["other.example", "slow.example"])).await.is_empty());
    assert_eq!(world.claim(&wish(1, 2, &[])).await.len(), 1);
    assert_eq!(world.claim(&wish(10, 10, &["a.example"])).await.len(), 3);
}

async fn t177_a_tenant_with_many_places_stands_before_nobody(world: World) {
    let (acme, globex) = (world.home("acme").await, world.home("globex").await);
    for _ in 0..3 {
        world.owe(&acme, "slow.example").await;
        world.clock.advance(Duration::from_millis(1));
    }
    for number in 0..6 {
        world.owe(&acme, &format!("{number}.slow.example")).await;
        world.clock.advance(Duration::from_millis(1));
    }
    world.owe(&globex, "a.example").await;
    let fair = Wish { of_one_tenant: 2, ..wish(4, 1, &[]) };
    let none = Wish { not_of: vec![acme.tenant.id, globex.tenant.id], ..fair.clone() };
    assert!(world.claim(&none).await.is_empty());
    // What one place has too many of takes no turn of its tenant's.
    assert_eq!(hosts(&world.claim(&fair).await), ["slow.example", "0.slow.example", "a.example"]);
    world.owe(&globex, "b.example").await;
    let without = Wish { not_of: vec![acme.tenant.id], ..fair.clone() };
    assert_eq!(hosts(&world.claim(&without).await), ["b.example"]);
    assert_eq!(world.claim(&fair).await.len(), 2);
}

async fn of_two_who_claim_at_once_one_gets_it(world: World) {
    let home = world.home("acme").await;
    for number in 0..20 {
        world.owe(&home, &format!("{number}.example")).await;
    }
    let all = wish(20, 1, &[]);
    let (one, other) = tokio::join!(world.claim(&all), world.claim(&all));
    let mut ids: Vec<_> = one.iter().chain(&other).map(|owed| owed.delivery.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), one.len() + other.len()), (20, 20));
}

async fn what_was_not_committed_is_not_owed(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    tx.deliveries().insert(&world.delivery(&home, "a.example")).await.expect("inserts");
    drop(tx);
    assert!(!world.is_due().await);
}

async fn it_goes_with_its_client(world: World) {
    let home = world.home("acme").await;
    world.owe(&home, "a.example").await;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(!world.is_due().await);
}

async fn a_kind_that_is_not_known_here_is_left_alone(world: World) {
    let home = world.home("acme").await;
    world.owe(&home, "a.example").await;
    world.execute("UPDATE deliveries SET kind = 'of_tomorrow'").await;
    world.owe(&home, "b.example").await;
    assert_eq!(hosts(&world.claim(&wish(10, 4, &[])).await), ["b.example"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM deliveries WHERE attempts = 0").await, 1);
}

async fn what_nobody_delivers_goes_in_the_end(world: World) {
    let home = world.home("acme").await;
    world.owe(&home, "a.example").await;
    for (days, left) in [(2, 1), (7, 0)] {
        world.clock.advance(days * DAY);
        let tx = world.begin_platform().await;
        tx.purge_expired(world.now(), 100).await.expect("purges");
        tx.commit().await.expect("commits");
        assert_eq!(world.number("SELECT COUNT(*) FROM deliveries").await, left, "after {days} days more");
    }
}
