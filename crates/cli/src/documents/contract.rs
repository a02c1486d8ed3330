//! What the contract says about documents, by its descriptors: so a noun that documents come to hold is known here by
//! itself.

use std::sync::LazyLock;

use chancery_proto::descriptors;
pub(super) use chancery_proto::descriptors::{Behavior, is, message};
use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor};

static RESOURCE: LazyLock<ExtensionDescriptor> = LazyLock::new(|| {
    descriptors::pool().get_extension_by_name("google.api.resource").expect("the contract is annotated")
});

/// The message of documents.
pub(super) fn document() -> MessageDescriptor {
    message("TenantDocument").expect("the contract holds documents")
}

/// The fields that a file may hold: what is output only is none of them, nor is the version of a single thing.
pub(super) fn fields(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let has = |field: &FieldDescriptor| !is(field, Behavior::OutputOnly) && field.name() != "etag";
    let mut fields: Vec<_> = message.fields().filter(has).filter(|field| field.name() != "name").collect();
    // A policy is known by its tenant: it needs no name of its own.
    let named = message.get_field_by_name("name").filter(|_| pattern(message).is_some_and(|it| it.ends_with('}')));
    fields.splice(0..0, named);
    fields
}

/// How things of that message are called: `tenants/{tenant}/clients/{client}`.
pub(super) fn pattern(message: &MessageDescriptor) -> Option<String> {
    let options = message.options();
    let resource = options.get_extension(&RESOURCE);
    let patterns = resource.as_message()?.get_field_by_name("pattern")?;
    // One of one or of several, as the annotation is written.
    patterns.as_list().and_then(|list| list.first()?.as_str()).or_else(|| patterns.as_str()).map(str::to_owned)
}

/// The name of a thing from what a file calls it: its id, or the whole name.
pub(super) fn full_name(message: &MessageDescriptor, tenant: &str, given: &str) -> String {
    if given.contains('/') {
        return given.to_owned();
    }
    let Some(pattern) = pattern(message) else { return given.to_owned() };
    let parts: Vec<_> = pattern.split('/').collect();
    let last = parts.len().saturating_sub(1);
    let part = |(at, part): (usize, &&str)| match *part {
        _ if at == last && part.starts_with('{') => given.to_owned(),
        "{tenant}" => tenant.to_owned(),
        part => part.to_owned(),
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join("/")
}

/// The word for a value of an enum: `KIND_WEB` is `web`. None for the value that stands for nothing.
pub(super) fn word(of: &EnumDescriptor, number: i32) -> Option<String> {
    if number == 0 {
        return None;
    }
    let name = of.get_value(number)?.name().to_owned();
    Some(name.strip_prefix(&prefix(of)).unwrap_or(&name).to_ascii_lowercase())
}

/// The words of an enum, with their numbers.
pub(super) fn words(of: &EnumDescriptor) -> Vec<(String, i32)> {
    of.values().filter_map(|value| Some((word(of, value.number())?, value.number()))).collect()
}

/// The short word for a name of an enum, such as `KIND_WEB`.
pub(super) fn short(of: &EnumDescriptor, name: &str) -> String {
    name.strip_prefix(&prefix(of)).unwrap_or(name).to_ascii_lowercase()
}

fn prefix(of: &EnumDescriptor) -> String {
    let zero = of.get_value(0).map(|value| value.name().to_owned()).unwrap_or_default();
    zero.strip_suffix("UNSPECIFIED").unwrap_or_default().to_owned()
}

/// Whether a field holds spans of time.
pub(super) fn is_span(kind: &Kind) -> bool {
    kind.as_message().is_some_and(|message| message.full_name() == "google.protobuf.Duration")
}

/// Whether a field holds any JSON.
pub(super) fn is_json(kind: &Kind) -> bool {
    kind.as_message().is_some_and(|message| message.full_name() == "google.protobuf.Value")
}

/// The field at a path in a message.
pub(super) fn at(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let field = message.get_field_by_name(first)?;
    match rest {
        None => Some(field),
        Some(rest) => at(field.kind().as_message()?, rest),
    }
}

/// What the contract says of a field: its comment, on one line.
pub(super) fn comment(file: &prost_reflect::FileDescriptor, path: &[i32]) -> String {
    let proto = file.file_descriptor_proto();
    let told = proto.source_code_info.iter().flat_map(|info| &info.location).find(|location| location.path == path);
    let comment = told.and_then(|location| location.leading_comments.as_deref()).unwrap_or_default();
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}
