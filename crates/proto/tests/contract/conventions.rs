//! What every call of a kind must take (AIP-132, 133, 134, 135, 154, 155, 158, 160, 163). A call that cannot is named here
//! with its reason, so that nobody leaves anything out by oversight.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};

use crate::{contract, made_up, ours};

/// The sort of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    List,
    Create,
    Update,
    Delete,
    /// Changes something in its own way.
    Command,
    /// Changes nothing.
    Read,
}

/// What the names of calls begin with that change nothing.
const READS: [&str; 7] = ["Get", "Watch", "Export", "Preview", "Plan", "Drift", "List"];

/// What a call does not take, and why.
const EXCEPTIONS: [(&str, &str, &str); 15] = [
    ("CreateApiKey", "request_id", "its answer tells a secret: to answer again, the server would have to keep it"),
    ("CreateInitialAccessToken", "request_id", "its answer tells a secret"),
    ("CreatePasswordLink", "request_id", "its answer tells a secret"),
    ("GenerateClientSecret", "request_id", "its answer tells a secret"),
    ("GenerateTokenSecret", "request_id", "its answer tells a secret"),
    ("Bootstrap", "request_id", "its token works once, and its answer tells a secret"),
    ("CreateAuditCheckpoint", "request_id", "repeated, it tells the checkpoint that says so already"),
    ("CreateAuditCheckpoint", "validate_only", "what it makes is a signature, and nothing to undo"),
    ("CompromiseAlgorithm", "request_id", "its answers are a stream; `made_before` makes it safe to repeat"),
    ("DeleteApiKey", "etag", "a key never changes"),
    ("DeleteInitialAccessToken", "etag", "a token never changes, but for the count of its uses"),
    ("DeleteRoleBinding", "etag", "a binding never changes"),
    ("DeleteClientSecret", "etag", "a secret never changes, but for when it was last used"),
    ("DeleteEncryptionKey", "etag", "a key that others have is destroyed, whatever became of it meanwhile"),
    ("DeleteTokenSecret", "etag", "a secret changes by ActivateTokenSecret alone, and an active one is not deleted"),
];

/// What calls of a sort take.
const fn wanted(sort: Sort) -> &'static [&'static str] {
    match sort {
        Sort::List => &["page_size", "page_token", "filter", "order_by"],
        Sort::Create => &["request_id", "validate_only"],
        Sort::Update => &["update_mask", "validate_only"],
        Sort::Delete => &["etag", "validate_only"],
        Sort::Command => &["request_id"],
        Sort::Read => &[],
    }
}

fn sort(call: &MethodDescriptor) -> Sort {
    let name = call.name();
    let begins = |word: &str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()));
    match name {
        _ if begins("List") => Sort::List,
        _ if begins("Create") => Sort::Create,
        _ if begins("Update") => Sort::Update,
        _ if begins("Delete") => Sort::Delete,
        _ if READS.into_iter().any(begins) => Sort::Read,
        _ => Sort::Command,
    }
}

fn has(message: &MessageDescriptor, field: &str) -> bool {
    message.get_field_by_name(field).is_some()
}

/// What calls lack that they should take.
fn lacks(pool: &DescriptorPool) -> Vec<(String, &'static str)> {
    let mut lacks = Vec::new();
    for call in
        ours(pool).flat_map(|file| file.services().collect::<Vec<_>>()).flat_map(|it| it.methods().collect::<Vec<_>>())
    {
        let (request, answer) = (call.input(), call.output());
        let mut lack = |field| lacks.push((call.name().to_owned(), field));
        for field in wanted(sort(&call)).iter().copied() {
            if !has(&request, field) {
                lack(field);
            }
        }
        match sort(&call) {
            Sort::List if !has(&answer, "next_page_token") => lack("next_page_token"),
            // The resource itself is the answer, and says which version was meant.
            Sort::Update if !has(&answer, "etag") => lack("etag"),
            Sort::List | Sort::Create | Sort::Update | Sort::Delete | Sort::Command | Sort::Read => {}
        }
    }
    lacks
}

#[test]
fn every_call_takes_what_calls_of_its_sort_take() {
    let excepted = |(call, field): &(String, &str)| EXCEPTIONS.iter().any(|(of, what, _)| of == call && what == field);
    let lacking: Vec<_> = lacks(&contract()).into_iter().filter(|lack| !excepted(lack)).collect();
    assert!(lacking.is_empty(), "these lack what they should take: {lacking:#?}");
}

#[test]
fn nothing_is_excepted_that_need_not_be() {
    let lacking: BTreeSet<_> = lacks(&contract()).into_iter().collect();
    let idle: Vec<_> =
        EXCEPTIONS.iter().filter(|(call, field, _)| !lacking.contains(&((*call).to_owned(), *field))).collect();
    assert!(idle.is_empty(), "these take it after all: {idle:#?}");
}

#[test]
fn every_lack_is_found() {
    for (call, request, found) in [
        ("ListThings", "int32 page_size = 1; string page_token = 2; string filter = 3;", "order_by"),
        ("ListThings", "string page_token = 2; string filter = 3; string order_by = 4;", "page_size"),
        ("ListThings", "int32 page_size = 1; string filter = 3; string order_by = 4;", "page_token"),
        ("ListThings", "int32 page_size = 1; string page_token = 2; string order_by = 4;", "filter"),
        (
            "ListThings",
            "int32 page_size = 1; string page_token = 2; string filter = 3; string order_by = 4;",
            "next_page_token",
        ),
        ("CreateThing", "bool validate_only = 1;", "request_id"),
        ("CreateThing", "string request_id = 1;", "validate_only"),
        ("UpdateThing", "bool validate_only = 1;", "update_mask"),
        ("UpdateThing", "string update_mask = 1;", "validate_only"),
        ("UpdateThing", "string update_mask = 1; bool validate_only = 2;", "etag"),
        ("DeleteThing", "bool validate_only = 1;", "etag"),
        ("DeleteThing", "string etag = 1;", "validate_only"),
        ("ShakeThing", "bool validate_only = 1;", "request_id"),
        ("GetawayThing", "bool validate_only = 1;", "request_id"),
    ] {
        let body = format!(
            "message Answer {{}}\nmessage {call}Request {{ {request} }}\nservice ThingService {{\nrpc {call}({call}Request) \
             returns (Answer);\n}}"
        );
        let lacks = lacks(&made_up::contract(&body));
        let of_made_up: Vec<_> = lacks.iter().filter(|(name, _)| name == call).map(|(_, field)| *field).collect();
        assert!(of_made_up.contains(&found), "{call} {request}: {of_made_up:?}");
    }
}
