//! Audit events stand or fall with what they tell of; those without a transaction are written soon.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    ports::store::Store,
};
use chancery_testkit::builders;

use crate::world::World;

super::conformance! {
    an_event_is_in_the_transaction_of_what_it_tells,
    an_event_without_a_transaction_is_written_soon,
    closing_writes_what_waits,
}

const COUNT: &str = "SELECT COUNT(*) FROM audit_events";

async fn an_event_is_in_the_transaction_of_what_it_tells(world: World) {
    let home = world.home("acme").await;
    let user = builders::user("grace", &*world.random, world.now());
    let event = AuditEvent::new(Some(home.tenant.id), world.now(), Actor::User(home.user.id), Action::Created)
        .about(Noun::User, &user.id)
        .because("test")
        .noting("as asked".to_owned());
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&user).await.expect("inserts");
    tx.audit(event.clone()).await.expect("writes");
    drop(tx);
    assert_eq!(world.number(COUNT).await, 0);
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&user).await.expect("inserts");
    tx.audit(event.clone()).await.expect("writes");
    tx.commit().await.expect("commits");
    let tx = world.begin_platform().await;
    tx.audit(AuditEvent { tenant: None, author: Actor::System.into(), ..event }).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(world.number(COUNT).await, 2);
    let whole = format!(
        "{COUNT} WHERE actor_kind = 'user' AND actor_id = '{}' AND action = 'create' AND object_noun = 'user'
         AND object_id = '{}' AND reason = 'test' AND note = 'as asked' AND tenant_id IS NOT NULL",
        home.user.id, user.id
    );
    assert_eq!(world.number(&whole).await, 1);
}

async fn an_event_without_a_transaction_is_written_soon(world: World) {
    let home = world.home("acme").await;
    take(&world, &home, 3);
    for _ in 0..40 {
        if world.number(COUNT).await == 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the events are not written");
}

async fn closing_writes_what_waits(world: World) {
    let home = world.home("acme").await;
    take(&world, &home, 1000);
    world.storage.clone().close().await.expect("closes");
    assert_eq!(world.number(COUNT).await, 1000);
}

fn take(world: &World, home: &crate::world::Home, count: u32) {
    let actor = Actor::Client(home.client.id.clone());
    let event = AuditEvent::new(Some(home.tenant.id), world.now(), actor, Action::ClientTokenIssued);
    for _ in 0..count {
        world.storage.audit_later(event.clone());
    }
}
