//! What holds for the contract as a whole: its style, its promise to those who were built against a release, and its
//! reference.

mod breaking;
mod conventions;
mod lint;
mod made_up;
mod reference;
mod released;

use chancery_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::{DescriptorPool, DynamicMessage, FileDescriptor, Value};

/// The contract as it is now.
fn contract() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("encoded by the build script")
}

/// The files that are ours: what comes from Google follows its own rules.
fn ours(pool: &DescriptorPool) -> impl Iterator<Item = FileDescriptor> + '_ {
    pool.files().filter(|file| !file.package_name().starts_with("google."))
}

/// The names of the behaviours of a field (AIP-203).
fn behaviours(options: &DynamicMessage) -> Vec<String> {
    let pool = options_pool(options);
    let Some(extension) = pool.get_extension_by_name("google.api.field_behavior") else { return Vec::new() };
    let given = options.get_extension(&extension);
    let name = |value: &Value| {
        let kind = extension.kind();
        let behaviour = kind.as_enum()?.get_value(value.as_enum_number()?)?;
        Some(behaviour.name().to_owned())
    };
    given.as_list().unwrap_or_default().iter().filter_map(name).collect()
}

/// The pool that knows the annotations of these options.
fn options_pool(options: &DynamicMessage) -> DescriptorPool {
    use prost_reflect::ReflectMessage as _;
    options.descriptor().parent_pool().clone()
}
