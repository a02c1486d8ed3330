//! Secrets are told by the calls that the contract marks, this once, and have no place in any other answer.

use std::collections::BTreeSet;

use chancery_proto::{FILE_DESCRIPTOR_SET, authorization::AUTHORIZATIONS};
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

/// The messages that an answer is made of.
fn parts(message: &MessageDescriptor, found: &mut BTreeSet<String>) -> Vec<MessageDescriptor> {
    if !found.insert(message.full_name().to_owned()) {
        return Vec::new();
    }
    let inner = message.fields().filter_map(|field| field.kind().as_message().cloned());
    let inner: Vec<_> = inner.flat_map(|inner| parts(&inner, found)).collect();
    std::iter::once(message.clone()).chain(inner).collect()
}

/// However a mask or a list is asked for, what has no field cannot be told.
#[test]
fn t268_no_answer_has_room_for_a_secret_but_those_that_are_marked() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script");
    let sounds =
        |name: &str| ["secret", "password", "passphrase", "material", "private"].iter().any(|word| name.contains(word));
    let mut marked = Vec::new();
    for call in AUTHORIZATIONS {
        let (service, method) = call.path.trim_start_matches('/').split_once('/').expect("a path");
        let service = pool.get_service_by_name(service).expect("a service");
        let output = service.methods().find(|found| found.name() == method).expect("a method").output();
        let fields =
            parts(&output, &mut BTreeSet::new()).into_iter().flat_map(|part| part.fields().collect::<Vec<_>>());
        let tells = fields.filter(|field| matches!(field.kind(), Kind::String | Kind::Bytes) && sounds(field.name()));
        let tells: Vec<_> = tells.map(|field| field.full_name().to_owned()).collect();
        if call.secret_output {
            marked.push(call.path);
        } else {
            assert!(tells.is_empty(), "{} tells {tells:?}", call.path);
        }
    }
    assert!(marked.len() >= 3, "{marked:?}");
}
