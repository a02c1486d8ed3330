//! Messages by their descriptors, so that one walk over the fields serves all of them.

use std::iter;
use std::sync::LazyLock;

use chancery_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value};
use prost_types::{Duration, Struct, Timestamp, Value as Json};

use super::View;

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract holds its descriptors"));

/// The descriptor of a message of `chancery.admin.v1`.
pub(super) fn descriptor(message: &str) -> MessageDescriptor {
    POOL.get_message_by_name(&format!("chancery.admin.v1.{message}")).expect("the contract holds the message")
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
    let behaviour = POOL.get_extension_by_name("google.api.field_behavior").expect("the contract names behaviours");
    let told = field.options().get_extension(&behaviour).into_owned();
    let bound = |value: &Value| {
        let name = behaviour.kind().as_enum().zip(value.as_enum_number()).and_then(|(of, it)| of.get_value(it));
        name.is_some_and(|it| matches!(it.name(), "REQUIRED" | "OUTPUT_ONLY" | "IMMUTABLE" | "IDENTIFIER"))
    };
    told.as_list().is_some_and(|told| told.iter().any(bound))
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
