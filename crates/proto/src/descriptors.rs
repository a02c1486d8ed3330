//! The contract as data: its messages and fields with their annotations, for code that walks over them.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, FieldDescriptor, MessageDescriptor};

use crate::FILE_DESCRIPTOR_SET;

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract holds its descriptors"));

static BEHAVIOR: LazyLock<ExtensionDescriptor> = LazyLock::new(|| {
    POOL.get_extension_by_name("google.api.field_behavior").expect("the contract holds its annotations")
});

/// What the contract says that a field is (`google.api.FieldBehavior`, AIP-203), as far as somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// It must be sent.
    Required = 2,
    /// Ours to tell.
    OutputOnly = 3,
    /// It stays as it was made.
    Immutable = 5,
    /// A list whose order means nothing.
    UnorderedList = 6,
    /// The name of a resource.
    Identifier = 8,
}

/// Every descriptor of the contract.
#[must_use]
pub fn pool() -> &'static DescriptorPool {
    &POOL
}

/// A message of `chancery.admin.v1`.
#[must_use]
pub fn message(name: &str) -> Option<MessageDescriptor> {
    POOL.get_message_by_name(&format!("chancery.admin.v1.{name}"))
}

/// Whether the contract says that of a field.
#[must_use]
pub fn is(field: &FieldDescriptor, behavior: Behavior) -> bool {
    let options = field.options();
    let said = options.get_extension(&BEHAVIOR);
    said.as_list().is_some_and(|said| said.iter().any(|one| one.as_enum_number() == Some(behavior as i32)))
}
