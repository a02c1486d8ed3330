//! The life of keys over time.

use std::time::Duration;

use chancery_domain::time::Clock;
use chancery_proto::v1::{
    CompromiseKeyRequest, GetKeyTimelineRequest, KeyTimeline,
    key::State,
    key_timeline::{Entry, Span},
};
use tonic::Code;

use crate::{
    keys::rotate,
    world::{Caller, World, metadata, refusal},
};

const DAY: i64 = 86_400;

fn ask() -> GetKeyTimelineRequest {
    GetKeyTimelineRequest { parent: "tenants/acme".into(), ..Default::default() }
}

async fn timeline(caller: &mut Caller) -> KeyTimeline {
    caller.keys.get_key_timeline(ask()).await.expect("told").into_inner()
}

fn states(entry: &Entry) -> Vec<(State, bool)> {
    entry.spans.iter().map(|span| (span.state(), span.planned)).collect()
}

#[tokio::test]
async fn what_was_and_what_will_be_is_told() {
    let world = World::new().await;
    world.tenant("acme").await;
    world.clock.advance(Duration::from_secs(30 * 3600));
    let mut operator = world.operator().await;
    operator.keys.rotate_keys(rotate()).await.expect("rotated");
    let told = timeline(&mut operator).await;
    let now = world.clock.now().seconds();
    assert_eq!(told.now_time.expect("now").seconds, now);
    assert_eq!(told.start_time.expect("a start").seconds, now - 90 * DAY);
    assert_eq!(told.end_time.expect("an end").seconds, now + 90 * DAY);

    // The first key never waited; the second did, and signs; the third waits.
    let made: Vec<_> = told.entries.iter().filter(|entry| !entry.key.is_empty()).collect();
    assert_eq!(states(made[0]), [(State::Active, false), (State::Retiring, false)]);
    assert_eq!(states(made[1]), [(State::Standby, false), (State::Active, false), (State::Retiring, true)]);
    assert_eq!(states(made[2])[..2], [(State::Standby, false), (State::Active, true)]);
    let planned: Vec<_> = told.entries.iter().filter(|entry| entry.key.is_empty()).collect();
    assert!(planned.len() >= 2, "two rotations and more within 90 days");
    assert!(planned.iter().all(|entry| entry.spans.iter().all(|span| span.planned)));

    // One key signs at every moment: where one ends, the next begins.
    let signs = |entry: &Entry| entry.spans.iter().find(|span| span.state() == State::Active).copied();
    let signing: Vec<Span> = told.entries.iter().filter_map(signs).collect();
    assert!(signing.windows(2).all(|two| two[0].end_time == two[1].start_time), "{signing:?}");
}

#[tokio::test]
async fn a_compromised_key_is_seen_to_leave_at_once() {
    let world = World::new().await;
    world.tenant("acme").await;
    world.clock.advance(Duration::from_secs(60));
    let mut operator = world.operator().await;
    let name = timeline(&mut operator).await.entries[0].key.clone();
    let request = CompromiseKeyRequest { name: name.clone(), reason: "seen on a forum".into(), ..Default::default() };
    operator.keys.compromise_key(request).await.expect("given up");
    let told = timeline(&mut operator).await;
    let entry = told.entries.iter().find(|entry| entry.key == name).expect("still there");
    assert_eq!(entry.state(), State::Compromised);
    assert_eq!(states(entry), [(State::Active, false), (State::Compromised, false)]);
    assert_eq!(entry.spans[0].end_time, told.now_time);
}

#[tokio::test]
async fn only_a_time_that_can_be_told_is_told() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let now = world.clock.now().seconds();
    for (start, end, field) in
        [(at(now), at(now), "end_time"), (None, at(now + 4000 * DAY), "end_time"), (at(i64::MAX), None, "start_time")]
    {
        let request = GetKeyTimelineRequest { start_time: start, end_time: end, ..ask() };
        let refused = operator.keys.get_key_timeline(request).await;
        assert_eq!(metadata(&refused, "field"), field);
        assert_eq!(refusal(refused).0, Code::InvalidArgument);
    }
    let past = GetKeyTimelineRequest { start_time: at(now - 9 * DAY), end_time: at(now - 8 * DAY), ..ask() };
    assert!(operator.keys.get_key_timeline(past).await.expect("told").into_inner().entries.is_empty());
}
