//! Messages by their descriptors, so that one walk over the fields serves all of them.

use std::iter;

use chancery_proto::descriptors::{self, Behavior};
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value};
use prost_types::{Duration, Struct, Timestamp, Value as Json};

use super::View;

/// The descriptor of a message of `chancery.admin.v1`.
pub(super) fn descriptor(message: &str) -> MessageDescriptor {
    descriptors::message(message).expect("the contract holds the message")
}

/// A message whose fields can be walked over.
pub(super) fn message<T: View>(message: &T) -> DynamicMessage {
    let mut dynamic = DynamicMessage::new(descriptor(T::MESSAGE));
    dynamic.transcode_from(message).expect("the message is of that kind");
    dynamic
}

/// The fields that have a value, and those whose absence is a value too (`false`, empty lists), in the order of the
/// contract.
pub(super) fn fields(message: &DynamicMessage) -> impl Iterator<Item = (FieldDescriptor, Value)> {
    let descriptor = message.descriptor();
    let present = |field: &FieldDescriptor| !field.supports_presence() || message.has_field(field);
    let fields: Vec<_> = descriptor.fields().filter(present).collect();
    fields.into_iter().map(|field| {
        let value = message.get_field(&field).into_owned();
        (field, value)
    })
}

/// The paths of the fields that a resource may be without, those within its own messages among them (AIP-203).
pub(super) fn clearable(resource: &MessageDescriptor) -> Vec<String> {
    let fields = resource.fields().filter(|field| field.name() != "etag" && !is_bound(field));
    fields
        .flat_map(|field| {
            let own = |inner: &MessageDescriptor| inner.package_name() == resource.package_name() && !field.is_list();
            let within = field.kind().as_message().filter(|inner| own(inner)).map(clearable).unwrap_or_default();
            let paths = within.into_iter().map(|path| format!("{}.{path}", field.name()));
            iter::once(field.name().to_owned()).chain(paths).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a field always says something, or is not for callers to say.
fn is_bound(field: &FieldDescriptor) -> bool {
    let bound = [Behavior::Required, Behavior::OutputOnly, Behavior::Immutable, Behavior::Identifier];
    bound.into_iter().any(|behavior| descriptors::is(field, behavior))
}

/// A message inside a message, told apart by what JSON makes of it.
pub(super) enum Inner {
    /// `google.protobuf.Duration`.
    Duration(Duration),
    /// `google.protobuf.Timestamp`.
    Timestamp(Timestamp),
    /// `google.protobuf.Struct`.
    Struct(Struct),
    /// `google.protobuf.Value`.
    Value(Json),
    /// One of our own.
    Own(DynamicMessage),
}

impl Inner {
    pub(super) fn of(message: DynamicMessage) -> Self {
        let known = match message.descriptor().full_name() {
            "google.protobuf.Duration" => message.transcode_to().map(Self::Duration),
            "google.protobuf.Timestamp" => message.transcode_to().map(Self::Timestamp),
            "google.protobuf.Struct" => message.transcode_to().map(Self::Struct),
            "google.protobuf.Value" => message.transcode_to().map(Self::Value),
            _ => return Self::Own(message),
        };
        known.unwrap_or(Self::Own(message))
    }
}
