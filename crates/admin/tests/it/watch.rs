//! Whoever watches hears of every change once and in order, and of nothing that is not theirs.

use std::time::Duration;

use chancery_admin::WatchLimits;
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    id::AdminKeyId,
    ports::platform::PlatformStore,
    time::Clock,
};
use chancery_proto::v1::{
    Change, CreateScopeRequest, CreateUserRequest, DeleteScopeRequest, Scope, SuspendTenantRequest, User,
    WatchChangesRequest, WatchChangesResponse, change::Kind,
};
use tonic::{Code, Status, Streaming};

use crate::world::{Caller, World, refusal};

type Stream = Streaming<WatchChangesResponse>;

async fn watch(caller: &mut Caller, request: WatchChangesRequest) -> Stream {
    caller.watch.watch_changes(request).await.expect("begins").into_inner()
}

fn of(parent: &str, resume_token: &str) -> WatchChangesRequest {
    WatchChangesRequest { parent: parent.into(), resume_token: resume_token.into(), nouns: vec![] }
}

async fn answer(stream: &mut Stream) -> WatchChangesResponse {
    let told = tokio::time::timeout(Duration::from_secs(10), stream.message()).await.expect("told in time");
    told.expect("no refusal").expect("no end")
}

async fn change(stream: &mut Stream) -> (Change, String) {
    loop {
        let told = answer(stream).await;
        if let Some(change) = told.change {
            return (change, told.resume_token);
        }
    }
}

async fn scope(caller: &mut Caller, tenant: &str, id: &str) {
    let scope = Scope { value: format!("x:{id}"), ..Default::default() };
    let parent = format!("tenants/{tenant}");
    let request = CreateScopeRequest { parent, scope_id: id.into(), scope: Some(scope), ..Default::default() };
    caller.scopes.create_scope(request).await.expect("created");
}

/// The caller of that key, which is good for an hour from now on.
async fn prolonged(world: &World, id: AdminKeyId, key: &str) -> Caller {
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    let stored = tx.admin_keys().find(id).await.expect("reads").expect("a key");
    let prolonged = AdminKey { expires_at: world.clock.now() + Duration::from_secs(3600), ..stored };
    tx.admin_keys().insert(&prolonged).await.expect("inserts");
    tx.commit().await.expect("commits");
    world.caller(key)
}

fn short() -> WatchLimits {
    let second = Duration::from_secs(1);
    WatchLimits { heartbeat: second / 5, unread: second, life: 600 * second, recheck: second / 5, per_caller: 3 }
}

#[tokio::test]
async fn the_first_answer_comes_at_once_and_nothing_after_it_is_missed() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    let first = answer(&mut stream).await;
    assert!(first.change.is_none() && !first.ending && !first.resume_token.is_empty());
    scope(&mut operator, "acme", "read").await;
    let name = "tenants/acme/scopes/read".to_owned();
    let request = DeleteScopeRequest { name: name.clone(), ..Default::default() };
    operator.scopes.delete_scope(request).await.expect("deleted");
    for kind in [Kind::Created, Kind::Deleted] {
        let (told, _) = change(&mut stream).await;
        assert_eq!((told.name.as_str(), told.kind()), (name.as_str(), kind));
        assert_eq!(told.resource_type, "chancery.admin/Scope");
    }
    let request = CreateUserRequest {
        parent: "tenants/acme".into(),
        user: Some(User { username: "ada".into(), ..Default::default() }),
        ..Default::default()
    };
    let user = operator.users.create_user(request).await.expect("created").into_inner();
    let (told, _) = change(&mut stream).await;
    assert_eq!((told.name, told.uid), (user.name, user.uid));
}

#[tokio::test]
async fn a_token_goes_on_behind_its_answer() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    let begin = answer(&mut stream).await.resume_token;
    scope(&mut operator, "acme", "one").await;
    let (_, behind_one) = change(&mut stream).await;
    drop(stream);
    scope(&mut operator, "acme", "two").await;
    for (token, expected) in [(&begin, &["one", "two", "three"][..]), (&behind_one, &["two", "three"])] {
        let mut stream = watch(&mut operator, of("tenants/acme", token)).await;
        if token == &begin {
            // Told while it is being caught up with, or after: once.
            scope(&mut operator, "acme", "three").await;
        }
        for id in expected {
            assert_eq!(change(&mut stream).await.0.name, format!("tenants/acme/scopes/{id}"));
        }
    }
}

#[tokio::test]
async fn a_tenant_hears_of_itself_alone_and_the_platform_of_all() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.tenant("bolt").await;
    let (mut operator, mut insider) = (world.operator().await, world.within(&acme).await);
    let mut own = watch(&mut insider, of("tenants/acme", "")).await;
    let mut all = watch(&mut operator, of("", "")).await;
    let mut some =
        watch(&mut operator, WatchChangesRequest { nouns: vec!["tenant".into()], ..Default::default() }).await;
    for stream in [&mut own, &mut all, &mut some] {
        answer(stream).await;
    }
    scope(&mut operator, "bolt", "theirs").await;
    scope(&mut operator, "acme", "ours").await;
    let request = SuspendTenantRequest { name: "tenants/acme".into(), ..Default::default() };
    operator.tenants.suspend_tenant(request).await.expect("suspended");
    assert_eq!(change(&mut own).await.0.name, "tenants/acme/scopes/ours");
    let expected = ["tenants/bolt/scopes/theirs", "tenants/acme/scopes/ours", "tenants/acme"];
    for name in expected {
        assert_eq!(change(&mut all).await.0.name, name);
    }
    let told = change(&mut some).await.0;
    assert_eq!(
        (told.name.as_str(), told.uid.as_str(), told.kind()),
        ("tenants/acme", acme.uid.as_str(), Kind::Updated)
    );
}

#[tokio::test]
async fn who_may_not_watch_or_shows_a_foreign_token_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.tenant("bolt").await;
    let (mut operator, mut insider) = (world.operator().await, world.within(&acme).await);
    let token = answer(&mut watch(&mut operator, of("tenants/acme", "")).await).await.resume_token;
    let denied = refusal(insider.watch.watch_changes(of("", "")).await);
    assert_eq!(denied.0, Code::PermissionDenied);
    let absent = refusal(insider.watch.watch_changes(of("tenants/bolt", "")).await);
    assert_eq!(absent, (Code::NotFound, "TENANT_NOT_FOUND".to_owned()));
    let foreign = (Code::InvalidArgument, "RESUME_TOKEN_INVALID".to_owned());
    assert_eq!(refusal(insider.watch.watch_changes(of("tenants/acme", &token)).await), foreign);
    assert_eq!(refusal(operator.watch.watch_changes(of("tenants/bolt", &token)).await), foreign);
    assert_eq!(refusal(operator.watch.watch_changes(of("", &token)).await), foreign);
    assert_eq!(refusal(operator.watch.watch_changes(of("tenants/acme", "x")).await), foreign);
    let unknown = WatchChangesRequest { nouns: vec!["thing".into()], ..Default::default() };
    assert_eq!(refusal(operator.watch.watch_changes(unknown).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn signs_of_life_carry_the_position_on_and_an_old_position_is_refused() {
    let world = World::with_watch_limits(short()).await;
    world.tenant("acme").await;
    // A day has to pass for the token while the key of the caller stays good.
    let (id, key) = world.insert_key(AdminReach::Platform).await;
    let mut caller = world.caller(&key);
    let mut stream = watch(&mut caller, of("tenants/acme", "")).await;
    let first = answer(&mut stream).await.resume_token;
    let second = answer(&mut stream).await;
    assert!(second.change.is_none() && second.resume_token != first);
    drop(stream);
    world.clock.advance(Duration::from_secs(6 * 86_400));
    let mut caller = prolonged(&world, id, &key).await;
    watch(&mut caller, of("tenants/acme", &first)).await;
    world.clock.advance(Duration::from_secs(86_400));
    let mut caller = prolonged(&world, id, &key).await;
    let old = refusal(caller.watch.watch_changes(of("tenants/acme", &first)).await);
    assert_eq!(old, (Code::OutOfRange, "WATCH_POSITION_TOO_OLD".to_owned()));
}

#[tokio::test]
async fn t272_a_stream_ends_with_a_word_to_resume() {
    let world = World::with_watch_limits(WatchLimits { life: Duration::from_millis(300), ..short() }).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    let mut last = answer(&mut stream).await;
    while !last.ending {
        last = answer(&mut stream).await;
    }
    assert!(stream.message().await.expect("no refusal").is_none());
    scope(&mut operator, "acme", "read").await;
    let mut stream = watch(&mut operator, of("tenants/acme", &last.resume_token)).await;
    assert_eq!(change(&mut stream).await.0.name, "tenants/acme/scopes/read");
}

/// Takes whatever comes until the stream is refused.
async fn end_of(stream: &mut Stream) -> Status {
    loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a stream that is not read ended well"),
            Err(status) => return status,
        }
    }
}

#[tokio::test]
async fn t272_a_stream_that_is_not_read_is_closed() {
    let world = World::with_watch_limits(WatchLimits { heartbeat: Duration::from_micros(100), ..short() }).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    // What fits into the windows of the connection is taken; then nobody takes anything for a second. A machine that is
    // slow to fill them is given more time.
    let ended = async {
        loop {
            tokio::time::sleep(Duration::from_secs(4)).await;
            if let Ok(status) = tokio::time::timeout(Duration::from_secs(1), end_of(&mut stream)).await {
                return status;
            }
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("ends in time");
    assert_eq!(refusal::<()>(Err(ended)), (Code::ResourceExhausted, "WATCH_UNREAD".to_owned()));
}

#[tokio::test]
async fn t272_a_caller_has_so_many_streams_and_no_more() {
    let world = World::with_watch_limits(short()).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(watch(&mut operator, of("tenants/acme", "")).await);
    }
    let refused = refusal(operator.watch.watch_changes(of("tenants/acme", "")).await);
    assert_eq!(refused, (Code::ResourceExhausted, "TOO_MANY_WATCHES".to_owned()));
    watch(&mut world.operator().await, of("tenants/acme", "")).await;
    streams.pop();
    for _ in 0..100 {
        if operator.watch.watch_changes(of("tenants/acme", "")).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the seat of a stream that is gone stays taken");
}

/// Waits until the stream is refused, and says how.
async fn end_with_a_refusal(stream: &mut Stream) -> (Code, String) {
    let ended = async {
        loop {
            if let Err(status) = stream.message().await {
                return status;
            }
        }
    };
    refusal::<()>(Err(tokio::time::timeout(Duration::from_secs(5), ended).await.expect("ends in time")))
}

#[tokio::test]
async fn t276_the_stream_of_a_deleted_key_ends() {
    let world = World::with_watch_limits(short()).await;
    world.tenant("acme").await;
    let (id, key) = world.insert_key(AdminReach::Platform).await;
    let mut stream = watch(&mut world.caller(&key), of("tenants/acme", "")).await;
    answer(&mut stream).await;
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    assert!(tx.admin_keys().delete(id).await.expect("deletes"));
    tx.commit().await.expect("commits");
    assert_eq!(end_with_a_refusal(&mut stream).await, (Code::Unauthenticated, "API_KEY_INVALID".to_owned()));
}

#[tokio::test]
async fn a_store_that_is_away_for_a_while_loses_nobody_a_change() {
    let world = World::with_watch_limits(short()).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    answer(&mut stream).await;
    world.store.take_away(true);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    world.store.take_away(false);
    scope(&mut operator, "acme", "read").await;
    assert_eq!(change(&mut stream).await.0.name, "tenants/acme/scopes/read");
}

/// The store is restored without its last change, and goes on by giving its number again.
#[tokio::test]
async fn whoever_heard_of_what_was_lost_is_told_to_list_again() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut stream = watch(&mut operator, of("tenants/acme", "")).await;
    let before = answer(&mut stream).await.resume_token;
    scope(&mut operator, "acme", "one").await;
    let (_, lost) = change(&mut stream).await;
    world.store.lose_last_change();
    world.clock.advance(Duration::from_secs(1));
    let list_again = (Code::OutOfRange, "WATCH_POSITION_TOO_OLD".to_owned());
    assert_eq!(refusal(operator.watch.watch_changes(of("tenants/acme", &lost)).await), list_again);
    scope(&mut operator, "acme", "two").await;
    assert_eq!(end_with_a_refusal(&mut stream).await, list_again);
    assert_eq!(refusal(operator.watch.watch_changes(of("tenants/acme", &lost)).await), list_again);

    // Whoever had heard nothing of it goes on, and whoever begins anew does.
    let mut behind = watch(&mut operator, of("tenants/acme", &before)).await;
    assert_eq!(change(&mut behind).await.0.name, "tenants/acme/scopes/two");
    let mut anew = watch(&mut operator, of("tenants/acme", "")).await;
    answer(&mut anew).await;
    scope(&mut operator, "acme", "three").await;
    assert_eq!(change(&mut anew).await.0.name, "tenants/acme/scopes/three");
}
