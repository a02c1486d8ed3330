//! Files, packages and imports.

use std::collections::BTreeSet;
use std::path::Path;

use prost_reflect::{DynamicMessage, FileDescriptor, Kind, MessageDescriptor, Syntax};

use super::names;

pub(super) fn check(file: &FileDescriptor, faults: &mut Vec<String>) {
    let path = Path::new(file.name());
    let folder = path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let mut fault = |what: String| faults.push(format!("{}: {what}", file.name()));
    let package = file.package_name();
    if file.syntax() != Syntax::Proto3 {
        fault("is not proto3".to_owned());
    }
    if folder.replace('/', ".") != package {
        fault(format!("is in the folder {folder} and of the package {package:?}"));
    }
    if !package.rsplit('.').next().is_some_and(is_version) {
        fault(format!("the package {package:?} has no version"));
    }
    if !package.split('.').all(names::is_lower_snake) || !names::is_lower_snake(stem) {
        fault("is not in lower_snake_case".to_owned());
    }
    let described = file.file_descriptor_proto();
    if !described.public_dependency.is_empty() || !described.weak_dependency.is_empty() {
        fault("has public or weak imports".to_owned());
    }
    let used = used_by(file);
    for import in file.dependencies().filter(|import| !used.contains(import.name())) {
        fault(format!("the import {} is not used", import.name()));
    }
}

/// `v1`, `v2beta1`.
fn is_version(part: &str) -> bool {
    let Some(rest) = part.strip_prefix('v') else { return false };
    let number = rest.split(|letter: char| letter.is_ascii_alphabetic()).next().unwrap_or_default();
    !number.is_empty()
        && number.bytes().all(|digit| digit.is_ascii_digit())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The files of everything that a file names: types of fields, messages of calls, annotations.
fn used_by(file: &FileDescriptor) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    of_options(&file.options(), &mut used);
    for message in file.messages() {
        of_message(&message, &mut used);
    }
    for extension in file.extensions() {
        used.insert(extension.containing_message().parent_file().name().to_owned());
    }
    for method in file.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        used.insert(method.input().parent_file().name().to_owned());
        used.insert(method.output().parent_file().name().to_owned());
        of_options(&method.options(), &mut used);
    }
    used
}

fn of_message(message: &MessageDescriptor, used: &mut BTreeSet<String>) {
    of_options(&message.options(), used);
    for field in message.fields() {
        of_options(&field.options(), used);
        match field.kind() {
            Kind::Message(of) => _ = used.insert(of.parent_file().name().to_owned()),
            Kind::Enum(of) => _ = used.insert(of.parent_file().name().to_owned()),
            Kind::Double
            | Kind::Float
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Fixed32
            | Kind::Fixed64
            | Kind::Sfixed32
            | Kind::Sfixed64
            | Kind::Bool
            | Kind::String
            | Kind::Bytes => {}
        }
    }
    message.child_messages().for_each(|child| of_message(&child, used));
}

fn of_options(options: &DynamicMessage, used: &mut BTreeSet<String>) {
    used.extend(options.extensions().map(|(extension, _)| extension.parent_file().name().to_owned()));
}
