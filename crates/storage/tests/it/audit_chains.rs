//! Chains of audit events have no gaps and no forks, whoever writes to them and however often.

use std::time::Duration;

use chancery_audit::{Record, genesis, link};
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    audit_chain::SealedEvent,
    change::Noun,
    fault::FaultKind,
    id::TenantId,
    ports::{
        audit::{AuditQuery, Sealing},
        platform::PlatformStore,
        store::Store,
    },
};
use chancery_testkit::builders;

use crate::world::{HOUR, Home, World};

super::conformance! {
    writers_of_one_chain_leave_no_gap,
    t280_what_cannot_be_audited_is_not_done,
    events_of_people_wait_for_their_place,
    sealing_that_is_cut_off_leaves_everything_waiting,
    two_that_seal_give_each_event_one_place,
    an_event_from_before_there_were_texts_gets_one,
    events_are_found_by_place_and_time,
}

const WAITING: &str = "SELECT COUNT(*) FROM audit_events WHERE position IS NULL";

fn done(home: &Home, world: &World) -> AuditEvent {
    AuditEvent::new(Some(home.tenant.id), world.now(), Actor::System, Action::KeysRotated)
}

fn signed_in(home: &Home, world: &World) -> AuditEvent {
    AuditEvent::new(Some(home.tenant.id), world.now(), Actor::User(home.user.id), Action::SignedIn)
}

async fn write(world: &World, event: AuditEvent) {
    let tx = world.begin_platform().await;
    tx.audit(event).await.expect("takes it");
    tx.commit().await.expect("commits");
}

async fn seal(world: &World, limit: u32) -> u32 {
    let tx = world.begin_platform().await;
    let count = tx.audits().seal(limit, world.now()).await.expect("seals");
    tx.commit().await.expect("commits");
    count
}

/// The chain of a tenant, each link looked at.
pub(crate) async fn chain(world: &World, tenant: Option<TenantId>) -> Vec<SealedEvent> {
    let reader = world.platform();
    let query = AuditQuery { limit: 10_000, ..AuditQuery::default() };
    let events = reader.audits().events(tenant, query).await.expect("reads");
    let mut previous = genesis(tenant);
    for (event, position) in events.iter().zip(1..) {
        assert_eq!((event.position, event.previous), (position, previous));
        assert_eq!(event.hash, link(position, &previous, &event.text));
        previous = event.hash;
    }
    let head = reader.audits().head(tenant).await.expect("reads");
    assert_eq!(head.map(|head| (head.position, head.hash)), events.last().map(|last| (last.position, last.hash)));
    events
}

async fn writers_of_one_chain_leave_no_gap(world: World) {
    let (home, other) = (world.home("acme").await, world.home("other").await);
    let (home, other) = (&home, &other);
    let world = &world;
    let operator = |number: u64| async move {
        for _ in 0..10 {
            let tx = world.begin_platform().await;
            // Two chains in one transaction, in one order and in the other.
            let mut events = vec![done(home, world), done(other, world), done(home, world)];
            events.rotate_left(usize::try_from(number % 3).expect("small"));
            for event in events {
                tx.audit(event).await.expect("takes it");
            }
            tx.audit(signed_in(home, world)).await.expect("writes");
            tx.commit().await.expect("commits");
        }
    };
    let sealer = async {
        let mut count = 0;
        while count < 60 {
            count += seal(world, 7).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::join!(sealer, operator(0), operator(1), operator(2), operator(3), operator(4), operator(5));
    assert_eq!(chain(world, Some(home.tenant.id)).await.len(), 180);
    assert_eq!(chain(world, Some(other.tenant.id)).await.len(), 60);
    assert_eq!(world.number(WAITING).await, 0);
}

async fn t280_what_cannot_be_audited_is_not_done(world: World) {
    let home = world.home("acme").await;
    let user = builders::user("grace", &*world.random, world.now());
    for table in ["audit_heads", "audit_events"] {
        world.execute(&format!("ALTER TABLE {table} RENAME TO gone")).await;
        let tx = world.begin(home.tenant.id).await;
        tx.users().insert(&user).await.expect("inserts");
        tx.audit(done(&home, &world).about(Noun::User, &user.id)).await.expect("takes it");
        let fault = tx.commit().await.expect_err("it cannot be linked");
        assert_eq!(fault.kind(), FaultKind::Unavailable, "{table}: {fault}");
        assert!(world.read(home.tenant.id).users().find(user.id).await.expect("reads").is_none(), "{table}");

        let tx = world.begin(home.tenant.id).await;
        let fault = tx.audit(signed_in(&home, &world)).await.err();
        assert_eq!(fault.map(|fault| fault.kind()), (table == "audit_events").then_some(FaultKind::Unavailable));
        drop(tx);
        world.execute(&format!("ALTER TABLE gone RENAME TO {table}")).await;
    }
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&user).await.expect("inserts");
    tx.audit(done(&home, &world)).await.expect("takes it");
    tx.commit().await.expect("commits again");
    assert_eq!(chain(&world, Some(home.tenant.id)).await.len(), 1);
}

async fn events_of_people_wait_for_their_place(world: World) {
    let home = world.home("acme").await;
    let nothing = world.platform().audits().sealing().await.expect("reads");
    assert_eq!(nothing, Sealing::default());
    let began = world.now();
    write(&world, signed_in(&home, &world)).await;
    world.clock.advance(HOUR);
    write(&world, done(&home, &world)).await;
    write(&world, signed_in(&home, &world)).await;
    let waits = Sealing { waiting_since: Some(began), sealed_at: None };
    assert_eq!(world.platform().audits().sealing().await.expect("reads"), waits);
    assert_eq!(chain(&world, Some(home.tenant.id)).await.len(), 1, "only what the server did has its place");

    assert_eq!(seal(&world, 1).await, 1);
    assert_eq!(seal(&world, 9).await, 1);
    let actions = chain(&world, Some(home.tenant.id)).await.into_iter().map(|event| {
        let record = Record::parse(&event.text).expect("a record");
        (record.action.clone(), record.time())
    });
    let (sign_in, rotate) = (Action::SignedIn.code().to_owned(), Action::KeysRotated.code().to_owned());
    let now = world.now();
    let expected = [(rotate, Some(now)), (sign_in.clone(), Some(began)), (sign_in, Some(now))];
    assert_eq!(actions.collect::<Vec<_>>(), expected);
    let idle = Sealing { waiting_since: None, sealed_at: Some(now) };
    assert_eq!(world.platform().audits().sealing().await.expect("reads"), idle);
}

async fn sealing_that_is_cut_off_leaves_everything_waiting(world: World) {
    let home = world.home("acme").await;
    for _ in 0..5 {
        write(&world, signed_in(&home, &world)).await;
    }
    seal(&world, 2).await;
    let tx = world.begin_platform().await;
    assert_eq!(tx.audits().seal(9, world.now()).await.expect("seals"), 3);
    drop(tx);
    assert_eq!(chain(&world, Some(home.tenant.id)).await.len(), 2);
    assert_eq!(world.number(WAITING).await, 3);
    write(&world, done(&home, &world)).await;
    assert_eq!(seal(&world, 9).await, 3);
    assert_eq!(chain(&world, Some(home.tenant.id)).await.len(), 6);
}

async fn two_that_seal_give_each_event_one_place(world: World) {
    let (home, other) = (world.home("acme").await, world.home("other").await);
    for number in 0..40 {
        write(&world, signed_in(if number % 3 == 0 { &other } else { &home }, &world)).await;
    }
    let all = || async {
        let mut count = 0;
        while world.number(WAITING).await > 0 {
            count += seal(&world, 3).await;
        }
        count
    };
    let (one, two, three) = tokio::join!(all(), all(), all());
    assert_eq!(one + two + three, 40);
    let lengths = (chain(&world, Some(home.tenant.id)).await.len(), chain(&world, Some(other.tenant.id)).await.len());
    assert_eq!(lengths, (26, 14));
}

async fn an_event_from_before_there_were_texts_gets_one(world: World) {
    world
        .execute(
            "INSERT INTO audit_events (at, actor_kind, actor_id, action, object_noun, object_id, reason, note)
             VALUES (1772366400250, 'admin', 'a', 'create', 'tenant', 't', 'r', 'n')",
        )
        .await;
    assert_eq!(seal(&world, 9).await, 1);
    let events = chain(&world, None).await;
    let expected = r#"{"v":1,"at":"2026-03-01T12:00:00.250Z","actor":{"kind":"admin","id":"a"},"action":"create","object":{"kind":"tenant","id":"t"},"outcome":"done","reason":"r","note":"n"}"#;
    assert_eq!(events[0].text, expected);
}

async fn events_are_found_by_place_and_time(world: World) {
    let home = world.home("acme").await;
    let began = world.now();
    for _ in 0..6 {
        write(&world, done(&home, &world)).await;
        world.clock.advance(HOUR);
    }
    let found = async |query: AuditQuery| {
        let events = world.platform().audits().events(Some(home.tenant.id), query).await.expect("reads");
        events.into_iter().map(|event| event.position).collect::<Vec<_>>()
    };
    let all = AuditQuery { limit: 9, ..AuditQuery::default() };
    assert_eq!(found(all).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(found(AuditQuery { after: 2, limit: 2, ..all }).await, [3, 4]);
    assert_eq!(found(AuditQuery { after: 2, until: Some(3), ..all }).await, [3]);
    let (since, before) = (Some(began + HOUR), Some(began + 3 * HOUR));
    assert_eq!(found(AuditQuery { since, before, ..all }).await, [2, 3]);
    let nobody = world.platform().audits().events(None, all).await.expect("reads");
    assert!(nobody.is_empty(), "another chain");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_write_the_same_chain() {
    let mut chains = Vec::new();
    for world in [World::sqlite().await, World::postgres().await] {
        let home = world.home("acme").await;
        let event = done(&home, &world).about(Noun::Key, "k").because("age").noting("Zoë\u{1f600}\u{1}<".to_owned());
        write(&world, event).await;
        write(&world, signed_in(&home, &world).about(Noun::Session, "s")).await;
        seal(&world, 9).await;
        write(&world, AuditEvent { tenant: None, ..done(&home, &world) }).await;
        chains.push((chain(&world, Some(home.tenant.id)).await, chain(&world, None).await));
    }
    assert_eq!((chains[0].0.len(), chains[0].1.len()), (2, 1));
    assert_eq!(chains[0], chains[1]);
}

/// On SQLite there is one writer for everything, and nothing to wait for but the turn.
#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_never_waits_for_a_chain() {
    let world = World::postgres().await;
    let home = world.home("acme").await;
    write(&world, signed_in(&home, &world)).await;
    let sealing = world.begin_platform().await;
    sealing.audits().seal(9, world.now()).await.expect("holds the head");
    let tokens = async {
        let tx = Store::begin(&world.storage, home.tenant.id).await.expect("begins");
        tx.audit(signed_in(&home, &world)).await.expect("writes");
        tx.commit().await.expect("commits");
    };
    tokio::time::timeout(Duration::from_secs(2), tokens).await.expect("did not wait");
    let operator = async {
        let tx = PlatformStore::begin(&world.storage).await.expect("begins");
        tx.audit(done(&home, &world)).await.expect("takes it");
        tx.commit().await
    };
    let (linked, sealed) = tokio::join!(operator, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sealing.commit().await
    });
    assert!(linked.is_ok() && sealed.is_ok());
    assert_eq!(seal(&world, 9).await, 1);
    assert_eq!(chain(&world, Some(home.tenant.id)).await.len(), 3);
}
