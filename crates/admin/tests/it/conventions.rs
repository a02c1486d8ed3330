//! What holds for every call of a sort, made over the table of calls: one that is only tried changes nothing, and one that
//! names itself is carried out once.

mod deeds;
mod town;

use chancery_domain::admin_key::AdminReach;
use chancery_proto::authorization::{AUTHORIZATIONS, Authorization};
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, Value};
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery};

use self::town::Town;
use crate::{
    matrix::requests::{Bytes, Contract},
    world::{Door, refusal},
};

const ID: &str = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";

/// Calls that are not made here, because somebody else has to ask for something first: `approvals` makes them.
const ELSEWHERE: [&str; 2] = ["ApproveApproval", "RejectApproval"];

/// What there is to see in the tenant that is there for its token secrets and encryption keys.
const IN_THE_SHOP: [&str; 4] = ["ListTokenSecrets", "ListEncryptionKeys", "ListAuditEvents", "ListKeys"];

/// A caller who makes any call.
struct Hand {
    grpc: Grpc<Door>,
    contract: Contract,
}

impl Hand {
    async fn of(town: &Town, contract: &Contract) -> Self {
        let (_, key) = town.world.insert_key(AdminReach::Platform).await;
        Self { grpc: Grpc::new(town.world.door(Some(&key))), contract: contract.clone() }
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
        let service = self.contract.pool().get_service_by_name(service).expect("a service");
        service.methods().find(|found| found.name() == method).expect("a method").input()
    }

    /// The request with another value in one field.
    fn with(&self, call: &Authorization, request: &[u8], field: &str, value: Value) -> Vec<u8> {
        let mut message = DynamicMessage::decode(self.input(call), request).expect("a request");
        message.set_field_by_name(field, value);
        message.encode_to_vec()
    }

    /// Asks for a list there; `None` where there is no such list.
    fn list(&self, call: &Authorization, tenant: Option<&str>, page_size: i32) -> Option<DynamicMessage> {
        let request = self.contract.request(call, tenant)?;
        let mut request = DynamicMessage::decode(self.input(call), &*request).expect("a request");
        request.set_field_by_name("page_size", Value::I32(page_size));
        let parent = match name_of(call) {
            "ListTenants" => {
                request.set_field_by_name("show_deleted", Value::Bool(true));
                return Some(request);
            }
            "ListConsents" => format!("tenants/{}/users/-", tenant.unwrap_or_default()),
            "ListClientSecrets" => "tenants/acme/clients/web".to_owned(),
            _ => return Some(request),
        };
        request.set_field_by_name("parent", Value::String(parent));
        Some(request)
    }

    /// Everything that can be listed and the audit, which has an event for each change.
    async fn look_around(&mut self) -> Vec<(String, Vec<Vec<u8>>)> {
        let mut seen = Vec::new();
        for call in AUTHORIZATIONS {
            let name = name_of(call);
            for tenant in [Some("acme"), Some("shop"), None] {
                if tenant == Some("shop") && !IN_THE_SHOP.contains(&name) {
                    continue;
                }
                let request = match name {
                    "GetKeyPolicy" | "GetRewrap" => self.contract.request(call, tenant),
                    _ if name.starts_with("List") => self.list(call, tenant, 1000).map(|it| it.encode_to_vec()),
                    _ => None,
                };
                let Some(request) = request else { continue };
                let found = match self.make(call.path, request).await {
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

    /// A page: its rows, and the token for the next.
    async fn page(
        &mut self,
        call: &'static Authorization,
        request: &DynamicMessage,
    ) -> Result<(Vec<Value>, String), Status> {
        let answer = self.make(call.path, request.encode_to_vec()).await?.remove(0);
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        let service = self.contract.pool().get_service_by_name(service).expect("a service");
        let output = service.methods().find(|found| found.name() == method).expect("a method").output();
        let answer = DynamicMessage::decode(output, &*answer).expect("an answer");
        let rows = answer.get_field_by_number(1).expect("the rows").as_list().expect("a list").to_vec();
        let next = answer.get_field_by_name("next_page_token").expect("a token");
        Ok((rows, next.as_str().expect("a text").to_owned()))
    }
}

#[tokio::test]
async fn t269_every_list_is_walked_both_ways_and_refuses_a_token_of_another_filter_or_order() {
    let town = Box::pin(Town::before("")).await;
    let mut hand = Hand::of(&town, &Contract::default()).await;
    let mut walked = 0;
    for call in AUTHORIZATIONS.iter().filter(|call| name_of(call).starts_with("List")) {
        for tenant in [Some("acme"), Some("shop"), None] {
            let Some(whole) = hand.list(call, tenant, 1000) else { continue };
            let (mut expected, _) = hand.page(call, &whole).await.expect("listed");
            expected.reverse();
            let mut request = hand.list(call, tenant, 1).expect("a list");
            request.set_field_by_name("order_by", Value::String("name desc".into()));
            let mut met = Vec::new();
            loop {
                let (rows, next) = hand.page(call, &request).await.expect("listed");
                met.extend(rows);
                if next.is_empty() {
                    break;
                }
                request.set_field_by_name("page_token", Value::String(next));
                for (field, other) in [("order_by", "name"), ("filter", "create_time > \"2026-01-01T00:00:00Z\"")] {
                    let mut other_list = request.clone();
                    other_list.set_field_by_name(field, Value::String(other.into()));
                    let refused = refusal(hand.page(call, &other_list).await);
                    assert_eq!(refused, (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()), "{}", call.path);
                }
                walked += 1;
            }
            assert_eq!(met, expected, "{} {tenant:?}", call.path);
        }
    }
    assert!(walked > 30, "only {walked} pages had another");
}

fn name_of(call: &Authorization) -> &'static str {
    call.path.rsplit('/').next().expect("a path")
}

/// The calls whose requests have that field, with what stands before each.
async fn each_with(field: &str, mut act: impl AsyncFnMut(&'static Authorization, Town, Hand, deeds::Deed)) -> usize {
    let contract = Contract::default();
    let mut made = 0;
    for call in AUTHORIZATIONS {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        // A preview takes the request of what it previews, and a List changes nothing.
        if method.starts_with("Preview") || ELSEWHERE.contains(&method) {
            continue;
        }
        let service = contract.pool().get_service_by_name(service).expect("a service");
        let found = service.methods().find(|found| found.name() == method).expect("a method");
        if found.input().get_field_by_name(field).is_none() {
            continue;
        }
        let town = Box::pin(Town::before(method)).await;
        let hand = Hand::of(&town, &contract).await;
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
        // Those that can name themselves are made in the test of that.
        if hand.input(call).get_field_by_name("request_id").is_some() {
            return;
        }
        hand.make(call.path, deed.request).await.unwrap_or_else(|status| panic!("{}: {status:?}", call.path));
        assert_ne!(before, hand.look_around().await, "{} would be seen", call.path);
    });
    assert!(Box::pin(made).await > 35, "few calls can be tried");
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
    assert!(Box::pin(made).await > 25, "few calls name themselves");
}

fn differences(before: &[(String, Vec<Vec<u8>>)], after: &[(String, Vec<Vec<u8>>)]) -> Vec<String> {
    let pairs = before.iter().zip(after);
    pairs.filter(|(one, other)| one != other).map(|(one, _)| one.0.clone()).collect()
}
