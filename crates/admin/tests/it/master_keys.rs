//! Master keys, and the re-wrap from one to another as operators see it.

use chancery_domain::audit::Action;
use chancery_keys::rewrap::{self, Step};
use chancery_proto::v1::{
    CreateTenantRequest, GetRewrapRequest, ListMasterKeysRequest, MasterKey, PauseRewrapRequest, ResumeRewrapRequest,
    Rewrap, StartRewrapRequest, rewrap::State,
};
use tonic::{Code, Status};

use crate::world::{Caller, World, metadata, refusal};

fn start() -> StartRewrapRequest {
    StartRewrapRequest { reason: "yearly".into(), ..Default::default() }
}

/// A server with tenants under the key that was the first one before.
async fn changed() -> World {
    let world = World::new().await;
    for slug in ["acme", "globex", "initech"] {
        world.tenant(slug).await;
    }
    world.restarted_with(&["second", "first"]).await
}

impl Caller {
    async fn list(&mut self) -> Vec<MasterKey> {
        let listed = self.master_keys.list_master_keys(ListMasterKeysRequest::default()).await;
        listed.expect("listed").into_inner().master_keys
    }

    async fn get(&mut self) -> Result<Rewrap, Status> {
        self.master_keys.get_rewrap(GetRewrapRequest {}).await.map(tonic::Response::into_inner)
    }

    async fn pause(&mut self) -> Result<Rewrap, Status> {
        self.master_keys.pause_rewrap(PauseRewrapRequest::default()).await.map(tonic::Response::into_inner)
    }

    async fn resume(&mut self) -> Result<Rewrap, Status> {
        self.master_keys.resume_rewrap(ResumeRewrapRequest::default()).await.map(tonic::Response::into_inner)
    }
}

fn key(name: &str, (configured, seals, in_use): (bool, bool, bool), tenant_count: i32) -> MasterKey {
    MasterKey { name: format!("masterKeys/{name}"), configured, seals, in_use, tenant_count }
}

#[tokio::test]
async fn a_re_wrap_is_started_watched_paused_resumed_and_finished() {
    let world = changed().await;
    let mut operator = world.operator().await;
    let (old, new) =
        (|seals| key("first", (true, false, true), seals), |seals| key("second", (true, true, true), seals));
    assert_eq!(operator.list().await, [old(3), new(0)]);
    assert_eq!(refusal(operator.get().await), (Code::NotFound, "REWRAP_NOT_FOUND".to_owned()));
    assert_eq!(refusal(operator.pause().await), (Code::NotFound, "REWRAP_NOT_FOUND".to_owned()));

    let started = operator.master_keys.start_rewrap(start()).await.expect("started").into_inner();
    assert_eq!((started.state(), started.target.as_str()), (State::Running, "masterKeys/second"));
    assert_eq!((started.total_count, started.done_count, started.failed_count), (3, 0, 0));
    assert!(started.starter.starts_with("apiKeys/") && started.start_time.is_some());
    let again = operator.master_keys.start_rewrap(start()).await;
    assert_eq!(metadata(&again, "target"), "masterKeys/second");
    assert_eq!(refusal(again), (Code::FailedPrecondition, "REWRAP_RUNNING".to_owned()));
    assert_eq!(refusal(operator.resume().await).1, "REWRAP_RUNNING");

    assert_eq!(rewrap::step(&world.keys, 2).await.expect("steps"), Step::Moved { moved: 2, failed: 0 });
    let paused = operator.pause().await.expect("paused");
    assert_eq!((paused.state(), paused.done_count), (State::Paused, 2));
    assert_eq!(operator.list().await, [old(1), new(2)]);
    assert_eq!(refusal(operator.pause().await).1, "REWRAP_PAUSED");
    assert_eq!(refusal(operator.master_keys.start_rewrap(start()).await).1, "REWRAP_PAUSED");
    assert_eq!(operator.resume().await.expect("resumed").state(), State::Running);

    while rewrap::step(&world.keys, 2).await.expect("steps") != Step::Done {}
    let done = operator.get().await.expect("got");
    assert_eq!((done.state(), done.total_count, done.done_count), (State::Done, 3, 3));
    assert_eq!(operator.list().await, [key("first", (true, false, false), 0), new(3)], "it may leave");
    assert_eq!(refusal(operator.resume().await).1, "REWRAP_DONE");
    assert_eq!(refusal(operator.master_keys.start_rewrap(start()).await).1, "REWRAP_NOT_NEEDED");

    let told: Vec<_> = world.store.audit().into_iter().filter(|event| event.tenant.is_none()).collect();
    let actions: Vec<_> = told.iter().map(|event| event.action).collect();
    assert_eq!(
        actions,
        [
            Action::RewrapStarted,
            Action::RewrapPaused,
            Action::RewrapResumed,
            Action::MasterKeyReleased,
            Action::RewrapFinished
        ]
    );
    assert_eq!(told[0].note.as_deref(), Some("yearly"));
}

#[tokio::test]
async fn a_start_says_why_can_be_tried_and_is_carried_out_once() {
    let world = changed().await;
    let mut operator = world.operator().await;
    assert_eq!(refusal(operator.master_keys.start_rewrap(StartRewrapRequest::default()).await).1, "FIELD_INVALID");
    let trial = StartRewrapRequest { validate_only: true, ..start() };
    let tried = operator.master_keys.start_rewrap(trial).await.expect("tried").into_inner();
    assert_eq!((tried.state(), tried.total_count), (State::Running, 3));
    assert_eq!(refusal(operator.get().await).1, "REWRAP_NOT_FOUND", "nothing was done");

    let named = StartRewrapRequest { request_id: "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".into(), ..start() };
    let first = operator.master_keys.start_rewrap(named.clone()).await.expect("started").into_inner();
    rewrap::step(&world.keys, 2).await.expect("steps");
    let again = operator.master_keys.start_rewrap(named).await.expect("answered").into_inner();
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_server_with_an_old_configuration_is_told_so() {
    let world = changed().await;
    let behind = world.restarted_with(&["first", "second"]).await;
    world.operator().await.master_keys.start_rewrap(start()).await.expect("started");
    while rewrap::step(&world.keys, 9).await.expect("steps") != Step::Done {}

    let mut operator = behind.operator().await;
    let late = CreateTenantRequest { tenant_id: "umbrella".into(), ..Default::default() };
    let refused = operator.tenants.create_tenant(late.clone()).await;
    assert_eq!(metadata(&refused, "name"), "masterKeys/first");
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "MASTER_KEY_RELEASED".to_owned()));
    assert_eq!(refusal(operator.master_keys.start_rewrap(start()).await).1, "MASTER_KEY_RELEASED");
    assert!(world.operator().await.tenants.create_tenant(late).await.is_ok(), "the others make it");
}

#[tokio::test]
async fn what_is_sealed_under_an_unknown_key_is_listed() {
    let world = changed().await.restarted_with(&["third"]).await;
    let expected = [
        key("first", (false, false, true), 3),
        key("second", (false, false, true), 0),
        key("third", (true, true, true), 0),
    ];
    assert_eq!(world.operator().await.list().await, expected);
}

#[tokio::test]
async fn tenants_callers_have_no_say() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut insider = world.within(&acme).await;
    let denied = (Code::PermissionDenied, "PERMISSION_DENIED".to_owned());
    assert_eq!(refusal(insider.master_keys.list_master_keys(ListMasterKeysRequest::default()).await), denied);
    assert_eq!(refusal(insider.master_keys.start_rewrap(start()).await), denied);
    assert_eq!(refusal(insider.get().await), denied);
    assert_eq!(refusal(insider.pause().await), denied);
    assert_eq!(refusal(insider.resume().await), denied);
}
