//! Messages by their descriptors, so that one walk over the fields serves all of them.

use chancery_proto::descriptors;
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
