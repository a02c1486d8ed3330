//! What holds for every call of a sort, made over the table of calls: one that is only tried changes nothing, and one that
//! names itself is carried out once.

mod deeds;
mod town;

use chancery_domain::admin_key::AdminReach;
use chancery_proto::{
    FILE_DESCRIPTOR_SET,
    authorization::{AUTHORIZATIONS, Authorization},
};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage, Value};
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery};

use self::town::Town;
use crate::{
    matrix::requests::{Bytes, Contract},
    world::{Door, refusal},
};

const ID: &str = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";

/// Calls that are not made here, because somebody else has to ask for something first: `approvals` makes them.
const ELSEWHERE: [&str; 2] = ["ApproveApproval", "RejectApproval"];

/// A caller who makes any call.
struct Hand {
    grpc: Grpc<Door>,
    pool: DescriptorPool,
    contract: Contract,
}

impl Hand {
    async fn of(town: &Town) -> Self {
        let (_, key) = town.world.insert_key(AdminReach::Platform).await;
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script");
        Self { grpc: Grpc::new(town.world.door(Some(&key))), pool, contract: Contract::default() }
    }

    /// Every answer to a call.
    async fn make(&mut self, path: &'static str, request: Vec<u8>) -> Result<Vec<Vec<u8>>, Status> {
        self.grpc.ready().await.expect("ready");
        let request = tonic::Request::new(request);
        let mut stream =
            self.grpc.server_streaming(request, PathAndQuery::from_static(path), Bytes).await?.into_inner();
        let mut answers = Vec::new();
        while let Some(answer) = stream.message().await? {
            answers.push(answer);
        }
        Ok(answers)
    }

    fn input(&self, call: &Authorization) -> MessageDescriptor {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        let service = self.pool.get_service_by_name(service).expect("a service");
        service.methods().find(|found| found.name() == method).expect("a method").input()
    }

    /// The request with another value in one field.
    fn with(&self, call: &Authorization, request: &[u8], field: &str, value: Value) -> Vec<u8> {
        let mut message = DynamicMessage::decode(self.input(call), request).expect("a request");
        message.set_field_by_name(field, value);
        message.encode_to_vec()
    }

    /// Everything that can be listed and the audit, which has an event for each change.
    async fn look_around(&mut self) -> Vec<(String, Vec<Vec<u8>>)> {
        let mut seen = Vec::new();
        for call in AUTHORIZATIONS {
            let name = name_of(call);
            if !(name.starts_with("List") || ["GetKeyPolicy", "GetRewrap"].contains(&name)) {
                continue;
            }
            for tenant in [Some("acme"), Some("shop"), None] {
                let Some(request) = self.contract.request(call, tenant) else { continue };
                let mut request = DynamicMessage::decode(self.input(call), &*request).expect("a request");
                let descriptor = request.descriptor();
                if descriptor.get_field_by_name("page_size").is_some() {
                    request.set_field_by_name("page_size", Value::I32(1000));
                }
                if descriptor.get_field_by_name("show_deleted").is_some() {
                    request.set_field_by_name("show_deleted", Value::Bool(true));
                }
                match name {
                    "ListConsents" => {
                        let every = format!("tenants/{}/users/-", tenant.unwrap_or_default());
                        request.set_field_by_name("parent", Value::String(every));
                    }
                    "ListClientSecrets" => {
                        let web = "tenants/acme/clients/web".to_owned();
                        request.set_field_by_name("parent", Value::String(web));
                    }
                    _ => {}
                }
                let found = match self.make(call.path, request.encode_to_vec()).await {
                    Ok(found) => found,
                    Err(status) if status.code() == Code::NotFound => Vec::new(),
                    Err(status) => panic!("{}: {status:?}", call.path),
                };
                seen.push((format!("{name} {tenant:?}"), found));
            }
        }
        assert!(seen.iter().filter(|(_, found)| !found.is_empty()).count() > 20, "little is seen");
        seen
    }
}

fn name_of(call: &Authorization) -> &'static str {
    call.path.rsplit('/').next().expect("a path")
}

/// The calls whose requests have that field, with what stands before each.
async fn each_with(field: &str, mut act: impl AsyncFnMut(&'static Authorization, Town, Hand, deeds::Deed)) -> usize {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script");
    let mut made = 0;
    for call in AUTHORIZATIONS {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        // A preview takes the request of what it previews, and a List changes nothing.
        if method.starts_with("Preview") || ELSEWHERE.contains(&method) {
            continue;
        }
        let service = pool.get_service_by_name(service).expect("a service");
        let found = service.methods().find(|found| found.name() == method).expect("a method");
        if found.input().get_field_by_name(field).is_none() {
            continue;
        }
        let town = Town::before(method).await;
        let hand = Hand::of(&town).await;
        let deed = deeds::of(method, &town).unwrap_or_else(|| panic!("{method} has no deed here: say one"));
        act(call, town, hand, deed).await;
        made += 1;
    }
    made
}

#[tokio::test]
async fn what_is_only_tried_changes_nothing() {
    let made = each_with("validate_only", async |call, _town, mut hand, deed| {
        let before = hand.look_around().await;
        let trial = hand.with(call, &deed.request, "validate_only", Value::Bool(true));
        let tried = hand.make(call.path, trial).await.unwrap_or_else(|status| panic!("{}: {status:?}", call.path));
        assert!(!tried.is_empty(), "{} answers", call.path);
        let changed: Vec<_> = differences(&before, &hand.look_around().await);
        assert!(changed.is_empty(), "trying {} changed {changed:?}", call.path);
        hand.make(call.path, deed.request).await.unwrap_or_else(|status| panic!("{}: {status:?}", call.path));
        assert_ne!(before, hand.look_around().await, "{} would be seen", call.path);
    });
    assert!(made.await > 35, "few calls can be tried");
}

#[tokio::test]
async fn what_names_itself_is_carried_out_once() {
    let made = each_with("request_id", async |call, _town, mut hand, deed| {
        let id = || Value::String(ID.to_owned());
        let before = hand.look_around().await;
        let request = hand.with(call, &deed.request, "request_id", id());
        let first = hand.make(call.path, request.clone()).await;
        let first = first.unwrap_or_else(|status| panic!("{}: {status:?}", call.path));
        let done = hand.look_around().await;
        assert_ne!(before, done, "{} would be seen", call.path);
        let again = hand.make(call.path, request).await.unwrap_or_else(|status| panic!("{}: {status:?}", call.path));
        assert_eq!(first, again, "{} answers as before", call.path);
        if !deed.other.is_empty() {
            let other = hand.with(call, &deed.other, "request_id", id());
            let refused = refusal(hand.make(call.path, other).await);
            assert_eq!(refused, (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()), "{}", call.path);
        }
        let changed: Vec<_> = differences(&done, &hand.look_around().await);
        assert!(changed.is_empty(), "repeating {} changed {changed:?}", call.path);
    });
    assert!(made.await > 25, "few calls name themselves");
}

fn differences(before: &[(String, Vec<Vec<u8>>)], after: &[(String, Vec<Vec<u8>>)]) -> Vec<String> {
    let pairs = before.iter().zip(after);
    pairs.filter(|(one, other)| one != other).map(|(one, _)| one.0.clone()).collect()
}
