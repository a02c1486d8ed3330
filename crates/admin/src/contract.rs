//! Requests seen by their descriptors, so that one look serves those of every call.

use chancery_domain::fault::Fault;
use chancery_proto::descriptors;
use prost_reflect::{DynamicMessage, MessageDescriptor};

/// The request of a call, whose fields can be walked over.
pub(crate) fn request(method: &str, bytes: &[u8]) -> Result<DynamicMessage, Fault> {
    let input = input(method).ok_or_else(|| Fault::bug("the contract does not know its own call"))?;
    DynamicMessage::decode(input, bytes).map_err(|error| Fault::broken("a request of ours", error))
}

/// The message that a call takes.
fn input(method: &str) -> Option<MessageDescriptor> {
    let (service, method) = method.strip_prefix('/')?.split_once('/')?;
    let service = descriptors::pool().get_service_by_name(service)?;
    service.methods().find(|found| found.name() == method).map(|found| found.input())
}
