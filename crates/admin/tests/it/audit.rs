//! The audit: what calls leave in it, and how it is told, watched, exported and signed.

use std::time::Duration;

use chancery_admin::WatchLimits;
use chancery_audit::{Broken, KeySet, Options, Verified, What, read_checkpoint, verify};
use chancery_domain::{
    admin_key::AdminReach,
    audit::{Action, Actor, AuditEvent as Event},
    id::{TenantId, UserId},
    ports::{platform::PlatformStore, store::Store},
    role::BuiltInRole,
    time::Clock,
};
use chancery_proto::v1::{
    AuditEvent, CreateAuditCheckpointRequest, CreateScopeRequest, DeleteApiKeyRequest, DeleteTenantRequest,
    ExportAuditEventsRequest, GetAuditEventRequest, ListAuditEventsRequest, ListAuditKeysRequest, Scope, Tenant,
    UpdateTenantRequest, WatchAuditEventsRequest, WatchAuditEventsResponse, WatchChangesRequest, audit_event::Outcome,
};
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};

use crate::world::{Caller, World, mask, refusal};

const ACME: &str = "tenants/acme";

async fn list(caller: &mut Caller, parent: &str) -> Result<Vec<AuditEvent>, Status> {
    let request = ListAuditEventsRequest { parent: parent.into(), ..Default::default() };
    caller.audit.list_audit_events(request).await.map(|listed| listed.into_inner().audit_events)
}

/// Changes the tenant, which leaves an event.
async fn touch(caller: &mut Caller, display_name: &str) -> Result<Tenant, Status> {
    let tenant = Tenant { name: ACME.into(), display_name: display_name.into(), ..Default::default() };
    let request =
        UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["display_name"]), ..Default::default() };
    caller.tenants.update_tenant(request).await.map(tonic::Response::into_inner)
}

async fn exported(caller: &mut Caller, parent: &str, after_position: i64) -> Result<Vec<String>, Status> {
    let request = ExportAuditEventsRequest { parent: parent.into(), after_position };
    let mut parts = caller.audit.export_audit_events(request).await?.into_inner();
    let mut lines = Vec::new();
    while let Some(part) = parts.message().await? {
        lines.extend(part.lines);
    }
    Ok(lines)
}

async fn keys(caller: &mut Caller) -> KeySet {
    let keys =
        caller.audit.list_audit_keys(ListAuditKeysRequest::default()).await.expect("listed").into_inner().audit_keys;
    assert!(keys.iter().all(|key| key.genuine));
    let keys: Vec<_> = keys.into_iter().map(|key| key.jwk).collect();
    KeySet::read(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("a key set")
}

fn checked(lines: &[String], options: &Options) -> Result<Verified, Broken> {
    verify(lines.iter().map(|line| Ok(line.clone().into_bytes())), options)
}

async fn seal(world: &World) {
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    tx.audits().seal(9999, world.clock.now()).await.expect("seals");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn a_call_leaves_who_made_it_and_by_what_right() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let id: TenantId = acme.uid.parse().expect("a uid");
    let (key, text) = world.insert_key(AdminReach::Tenant(id)).await;
    let mut insider = world.caller(&text);
    let request_id = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";
    let scope = Scope { value: "orders:read".into(), ..Default::default() };
    let request = CreateScopeRequest {
        parent: ACME.into(),
        scope_id: "orders".into(),
        scope: Some(scope),
        request_id: request_id.into(),
        ..Default::default()
    };
    insider.scopes.create_scope(request).await.expect("created");
    let told = list(&mut insider, ACME).await.expect("listed").pop().expect("an event");
    assert_eq!(told.event_time.map(|at| at.seconds), Some(world.clock.now().seconds()));
    assert_eq!((told.actor_kind.as_str(), told.actor.as_str()), ("admin", format!("apiKeys/{key}").as_str()));
    assert_eq!((told.authentication.as_str(), told.permission.as_str()), ("api_key", "scopes.create"));
    assert_eq!((told.action.as_str(), told.object_kind.as_str(), told.object.as_str()), ("create", "scope", "orders"));
    assert_eq!((told.outcome(), told.request_id.as_str(), told.trace_id.len()), (Outcome::Done, request_id, 16));
    assert_eq!((told.before_version.as_str(), told.after_version.as_str()), ("", "1"));
    assert_eq!(told.name, format!("tenants/acme/auditEvents/{}", told.position));

    let changed = touch(&mut insider, "Acme Inc.").await.expect("changed");
    assert_eq!(changed.display_name, "Acme Inc.");
    let told = list(&mut insider, ACME).await.expect("listed").pop().expect("an event");
    assert_eq!((told.before_version.as_str(), told.after_version.as_str()), ("1", "2"));
    let read = insider.audit.get_audit_event(GetAuditEventRequest { name: told.name.clone() }).await.expect("read");
    assert_eq!(read.into_inner(), told);
    for absent in ["tenants/acme/auditEvents/0", "tenants/acme/auditEvents/999"] {
        let request = GetAuditEventRequest { name: absent.into() };
        assert_eq!(refusal(insider.audit.get_audit_event(request).await).1, "AUDIT_EVENT_NOT_FOUND", "{absent}");
    }
    for wrong in ["tenants/acme/auditEvents/one", "auditEvents", "auditEvents/-1", "tenants/acme/auditEvents/1/2"] {
        let request = GetAuditEventRequest { name: wrong.into() };
        assert_eq!(refusal(insider.audit.get_audit_event(request).await).1, "FIELD_INVALID", "{wrong}");
    }
}

#[tokio::test]
async fn t280_a_change_whose_event_cannot_be_written_is_not_made() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    world.store.take_audit_away(true);
    assert_eq!(refusal(touch(&mut operator, "Lost").await), (Code::Unavailable, "STORE_UNAVAILABLE".to_owned()));
    let tenant = PlatformStore::read(&world.store).tenants().find_by_slug(&"acme".parse().expect("a slug")).await;
    assert_ne!(tenant.expect("reads").expect("is there").display_name, "Lost");
    world.store.take_audit_away(false);
    assert!(touch(&mut operator, "Found").await.is_ok());
}

#[tokio::test]
async fn a_list_goes_page_by_page_and_by_time() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    for number in 0..5 {
        world.clock.advance(Duration::from_secs(60));
        touch(&mut operator, &format!("Acme {number}")).await.expect("changed");
    }
    let all = list(&mut operator, ACME).await.expect("listed");
    let places: Vec<_> = all.iter().map(|event| event.position).collect();
    assert!(places.len() > 5 && places.is_sorted());
    let mut request = ListAuditEventsRequest { parent: ACME.into(), page_size: 2, ..Default::default() };
    let mut paged = Vec::new();
    loop {
        let page = operator.audit.list_audit_events(request.clone()).await.expect("listed").into_inner();
        assert!(page.audit_events.len() <= 2);
        paged.extend(page.audit_events);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(paged, all);
    let foreign = ListAuditEventsRequest { parent: String::new(), ..request };
    assert_eq!(refusal(operator.audit.list_audit_events(foreign).await).1, "PAGE_TOKEN_INVALID");

    let last = all.last().and_then(|event| event.event_time);
    let some = ListAuditEventsRequest { parent: ACME.into(), start_time: last, ..Default::default() };
    assert_eq!(
        operator.audit.list_audit_events(some).await.expect("listed").into_inner().audit_events,
        all[all.len() - 1..]
    );
    let others = ListAuditEventsRequest { parent: ACME.into(), end_time: last, ..Default::default() };
    assert_eq!(
        operator.audit.list_audit_events(others).await.expect("listed").into_inner().audit_events.len(),
        all.len() - 1
    );
}

#[tokio::test]
async fn auditors_alone_see_it_and_each_their_own() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.tenant("other").await;
    let place = AdminReach::Tenant(acme.uid.parse().expect("a uid"));
    let caller = async |role| world.caller(&world.insert_key_of(place, role).await.1);
    for role in [BuiltInRole::TenantReader, BuiltInRole::TenantKeyAdmin, BuiltInRole::TenantUserAdmin] {
        let mut other = caller(role).await;
        assert_eq!(refusal(list(&mut other, ACME).await), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    }
    let mut auditor = caller(BuiltInRole::TenantAuditor).await;
    assert!(list(&mut auditor, ACME).await.is_ok());
    let keys = |parent: &str| ListAuditKeysRequest { parent: parent.into(), ..Default::default() };
    assert!(auditor.audit.list_audit_keys(keys(ACME)).await.is_ok());
    assert_eq!(refusal(auditor.audit.list_audit_keys(keys("")).await).1, "PERMISSION_DENIED");
    assert_eq!(refusal(list(&mut auditor, "tenants/other").await), (Code::NotFound, "TENANT_NOT_FOUND".to_owned()));
    assert_eq!(refusal(list(&mut auditor, "").await), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    assert_eq!(refusal(exported(&mut auditor, "tenants/other", 0).await).1, "TENANT_NOT_FOUND");
    assert_eq!(refusal(exported(&mut auditor, "", 0).await).1, "PERMISSION_DENIED");
}

#[tokio::test]
async fn an_export_is_signed_to_its_end_and_verifies() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let signed = async |caller: &mut Caller| {
        let request = CreateAuditCheckpointRequest { parent: ACME.into() };
        caller.audit.create_audit_checkpoint(request).await.expect("signed").into_inner()
    };
    let first = signed(&mut operator).await;
    assert_eq!(signed(&mut operator).await, first, "nothing has happened since");
    for number in 0..250 {
        touch(&mut operator, &format!("<b>Acme</b> {number}\u{202e}")).await.expect("changed");
    }
    let lines = exported(&mut operator, ACME, 0).await.expect("exported");
    let options = Options { keys: Some(keys(&mut operator).await), ..Options::default() };
    let verified = checked(&lines, &options).expect("verifies");
    assert_eq!((verified.first, verified.last), (Some(1), u64::try_from(first.position).expect("a place") + 250));
    assert_eq!((verified.checkpoints, verified.signed), (2, true));
    assert!(lines.iter().all(|line| line.bytes().all(|byte| (b' '..=b'~').contains(&byte))));

    let later = exported(&mut operator, ACME, first.position).await.expect("exported");
    assert_eq!(checked(&later, &options).expect_err("no beginning").what, What::NoBeginning);
    let options = Options { after: read_checkpoint(&first.line), ..options };
    assert_eq!(checked(&later, &options).expect("verifies").checkpoints, 1);
    let mut bent = later.clone();
    bent[30] = bent[30].replace("admin", "nobody");
    let broken = checked(&bent, &options).expect_err("somebody bent it");
    assert_eq!((broken.line, broken.what), (31, What::Edited));

    for wrong in [-1, 100_000] {
        assert_eq!(refusal(exported(&mut operator, ACME, wrong).await).1, "FIELD_INVALID", "{wrong}");
    }
    assert_eq!(refusal(exported(&mut operator, "tenants/nobody", 0).await).1, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn an_export_without_news_is_signed_and_verifies() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let lines = exported(&mut operator, ACME, 0).await.expect("exported");
    let checkpoint = lines.iter().rev().find_map(|line| read_checkpoint(line)).expect("a checkpoint");
    let position = i64::try_from(checkpoint.position).expect("a place");
    let quiet = exported(&mut operator, ACME, position).await.expect("exported");
    assert_eq!(quiet, lines[lines.len() - 2..], "the next one goes on behind it");
    let keys = Some(keys(&mut operator).await);
    let options = Options { keys, after: Some(checkpoint.clone()), until: Some(checkpoint) };
    assert_eq!(checked(&quiet, &options).expect("verifies").first, None);
}

/// Far more events than what lies between a server and a caller who does not read.
async fn fill(world: &World, tenant: TenantId) {
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    for _ in 0..4000 {
        tx.audit(Event::new(Some(tenant), world.clock.now(), Actor::System, Action::Updated)).await.expect("written");
    }
    tx.commit().await.expect("commits");
    seal(world).await;
}

/// Takes whatever comes until the stream ends.
async fn end_of<A: std::fmt::Debug>(answers: &mut Streaming<A>) -> Result<Option<A>, Status> {
    let ended = async {
        loop {
            match answers.message().await {
                Ok(Some(_)) => {}
                ended => break ended,
            }
        }
    };
    timeout(Duration::from_secs(20), ended).await.expect("in time")
}

async fn watched(caller: &mut Caller, resume_token: &str) -> Streaming<WatchAuditEventsResponse> {
    let request = WatchAuditEventsRequest { parent: ACME.into(), resume_token: resume_token.into() };
    caller.audit.watch_audit_events(request).await.expect("watches").into_inner()
}

async fn next(answers: &mut Streaming<WatchAuditEventsResponse>) -> WatchAuditEventsResponse {
    let answer = timeout(Duration::from_secs(10), answers.message()).await.expect("in time");
    answer.expect("goes on").expect("does not end")
}

#[tokio::test]
async fn who_watches_sees_each_event_once_and_may_come_back() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut answers = watched(&mut operator, "").await;
    let begun = next(&mut answers).await;
    assert!(begun.audit_event.is_none() && !begun.resume_token.is_empty());

    // What people do is told once it has its place.
    let tenant: TenantId = acme.uid.parse().expect("a uid");
    let user = UserId::generate(world.keys.random.as_ref(), world.clock.now());
    Store::audit_later(&world.store, Event::new(Some(tenant), world.clock.now(), Actor::User(user), Action::SignedIn));
    touch(&mut operator, "one").await.expect("changed");
    let one = next(&mut answers).await;
    assert_eq!(one.audit_event.as_ref().map(|event| event.action.as_str()), Some("update"));
    seal(&world).await;
    let two = next(&mut answers).await;
    assert_eq!(two.audit_event.as_ref().map(|event| event.action.as_str()), Some("sign_in"));
    drop(answers);

    touch(&mut operator, "three").await.expect("changed");
    let mut again = watched(&mut operator, &one.resume_token).await;
    assert!(next(&mut again).await.audit_event.is_none());
    assert_eq!(next(&mut again).await.audit_event, two.audit_event);
    let three = next(&mut again).await.audit_event.expect("an event");
    assert_eq!(Some(three.position), two.audit_event.map(|event| event.position + 1));

    let mut other = world.operator().await;
    let request = WatchAuditEventsRequest { parent: ACME.into(), resume_token: one.resume_token };
    assert_eq!(refusal(other.audit.watch_audit_events(request).await).1, "PAGE_TOKEN_INVALID");
}

/// What becomes of a watch that goes on behind that token.
async fn taken_up(caller: &mut Caller, resume_token: &str) -> Result<(), (Code, String)> {
    let request = WatchAuditEventsRequest { parent: ACME.into(), resume_token: resume_token.into() };
    caller.audit.watch_audit_events(request).await.map(drop).map_err(|status| refusal::<()>(Err(status)))
}

fn too_old() -> Result<(), (Code, String)> {
    Err((Code::OutOfRange, "WATCH_POSITION_TOO_OLD".to_owned()))
}

#[tokio::test]
async fn a_token_names_an_event_and_not_its_place() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let before = next(&mut watched(&mut operator, "").await).await.resume_token;
    assert_eq!(taken_up(&mut operator, &before).await, Ok(()));
    // As after a backup that was put back: the chain is shorter, and other events come to the same places.
    world.store.forget_audit();
    assert_eq!(taken_up(&mut operator, &before).await, too_old());
    let begun = next(&mut watched(&mut operator, "").await).await.resume_token;
    for number in 0..5 {
        touch(&mut operator, &format!("Acme {number}")).await.expect("changed");
    }
    assert_eq!(taken_up(&mut operator, &before).await, too_old());
    let mut answers = watched(&mut operator, &begun).await;
    next(&mut answers).await;
    assert_eq!(next(&mut answers).await.audit_event.map(|event| event.position), Some(1));
}

/// Deletes the tenant for good, and makes another one of its name.
async fn made_anew(world: &World, operator: &mut Caller) {
    let request = DeleteTenantRequest { name: ACME.into(), ..Default::default() };
    operator.tenants.delete_tenant(request).await.expect("deleted");
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    let later = world.clock.now() + Duration::from_secs(60 * 86_400);
    assert!(tx.purge_tenant(later, 9999).await.expect("purges").is_some());
    tx.commit().await.expect("commits");
    world.tenant("acme").await;
}

#[tokio::test]
async fn a_tenant_that_is_made_anew_has_a_chain_of_its_own() {
    let limits = WatchLimits { recheck: Duration::ZERO, ..WatchLimits::default() };
    let world = World::with_watch_limits(limits).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut staying = watched(&mut operator, "").await;
    let end = next(&mut staying).await.resume_token;
    world.store.forget_audit();
    let beginning = next(&mut watched(&mut operator, "").await).await.resume_token;
    made_anew(&world, &mut operator).await;
    for token in [end, beginning] {
        assert_eq!(taken_up(&mut operator, &token).await, too_old());
    }
    assert_eq!(refusal(end_of(&mut staying).await), (Code::NotFound, "TENANT_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let world = World::with_watch_limits(WatchLimits::default()).await;
    let acme: TenantId = world.tenant("acme").await.uid.parse().expect("a uid");
    fill(&world, acme).await;
    let mut operator = world.operator().await;
    let mut answers = watched(&mut operator, "").await;
    next(&mut answers).await;
    let request = ExportAuditEventsRequest { parent: ACME.into(), after_position: 0 };
    let mut parts = operator.audit.export_audit_events(request).await.expect("begins").into_inner();
    assert!(parts.message().await.expect("goes on").is_some());
    drop(world);
    // The one has a token with every answer; the other is not whole.
    let ended = timeout(Duration::from_secs(5), answers.message()).await.expect("at once");
    assert_eq!(ended.expect("in good order"), None);
    assert_eq!(refusal(end_of(&mut parts).await), (Code::Unavailable, "SERVER_STOPPING".to_owned()));
}

#[tokio::test]
async fn t276_a_stream_ends_soon_after_its_callers_key_is_deleted() {
    let world = World::new().await;
    world.tenant("acme").await;
    let (key, text) = world.insert_key(AdminReach::Platform).await;
    let mut leaving = world.caller(&text);
    let mut answers = watched(&mut leaving, "").await;
    next(&mut answers).await;
    let request = DeleteApiKeyRequest { name: format!("apiKeys/{key}"), ..Default::default() };
    world.operator().await.api_keys.delete_api_key(request).await.expect("deleted");
    let ended = timeout(Duration::from_secs(5), answers.message()).await.expect("in time");
    assert_eq!(refusal(ended), (Code::Unauthenticated, "API_KEY_INVALID".to_owned()));
}

#[tokio::test]
async fn t272_streams_of_the_audit_are_counted_with_all_others_of_their_caller() {
    let limits = WatchLimits { per_caller: 2, ..WatchLimits::default() };
    let world = World::with_watch_limits(limits).await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let taken = (watched(&mut operator, "").await, watched(&mut operator, "").await);
    let full = (Code::ResourceExhausted, "TOO_MANY_WATCHES".to_owned());
    let watch = || WatchAuditEventsRequest { parent: ACME.into(), ..Default::default() };
    let changes = || WatchChangesRequest { parent: ACME.into(), ..Default::default() };
    assert_eq!(refusal(operator.audit.watch_audit_events(watch()).await), full);
    assert_eq!(refusal(exported(&mut operator, ACME, 0).await), full);
    assert_eq!(refusal(operator.watch.watch_changes(changes()).await), full);
    assert!(exported(&mut world.operator().await, ACME, 0).await.is_ok(), "callers do not share");
    drop(taken);
    let freed = async {
        while exported(&mut operator, ACME, 0).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), freed).await.expect("the seats of streams that are gone are free");
}

#[tokio::test]
async fn t276_an_export_ends_when_its_callers_key_is_deleted() {
    let world = World::with_watch_limits(WatchLimits { recheck: Duration::ZERO, ..WatchLimits::default() }).await;
    let acme: TenantId = world.tenant("acme").await.uid.parse().expect("a uid");
    fill(&world, acme).await;
    let (key, text) = world.insert_key(AdminReach::Platform).await;
    let request = ExportAuditEventsRequest { parent: ACME.into(), after_position: 0 };
    let mut parts = world.caller(&text).audit.export_audit_events(request).await.expect("begins").into_inner();
    assert!(parts.message().await.expect("goes on").is_some());
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    assert!(tx.admin_keys().delete(key).await.expect("deletes"));
    tx.commit().await.expect("commits");
    assert_eq!(refusal(end_of(&mut parts).await), (Code::Unauthenticated, "API_KEY_INVALID".to_owned()));
}
