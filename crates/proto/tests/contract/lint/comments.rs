//! Every message, field, oneof, enum, value, service and call says above itself what it is.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FileDescriptor, MessageDescriptor};

/// The comments of a file by the place of what they stand above.
pub(crate) struct Comments(BTreeMap<Vec<i32>, String>);

impl Comments {
    pub(crate) fn of(file: &FileDescriptor) -> Self {
        let places = file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location);
        let said = places.map(|at| (at.path.clone(), at.leading_comments().trim().to_owned()));
        Self(said.filter(|(_, text)| !text.is_empty()).collect())
    }

    /// What stands above that place; empty when nothing does.
    pub(crate) fn above(&self, path: &[i32]) -> &str {
        self.0.get(path).map(String::as_str).unwrap_or_default()
    }
}

pub(super) fn check(file: &FileDescriptor, faults: &mut Vec<String>) {
    let comments = Comments::of(file);
    let mut silent = |path: &[i32], name: &str| {
        if comments.above(path).is_empty() {
            faults.push(format!("{name} has no comment"));
        }
    };
    file.messages().for_each(|message| of_message(&message, &mut silent));
    file.enums().for_each(|an_enum| of_enum(&an_enum, &mut silent));
    for service in file.services() {
        silent(service.path(), service.full_name());
        service.methods().for_each(|method| silent(method.path(), method.full_name()));
    }
}

fn of_message(message: &MessageDescriptor, silent: &mut impl FnMut(&[i32], &str)) {
    if message.is_map_entry() {
        return;
    }
    silent(message.path(), message.full_name());
    message.fields().for_each(|field| silent(field.path(), field.full_name()));
    let oneofs = message.oneofs().filter(|oneof| !oneof.is_synthetic());
    oneofs.for_each(|oneof| silent(oneof.path(), oneof.full_name()));
    message.child_messages().for_each(|child| of_message(&child, silent));
    message.child_enums().for_each(|child| of_enum(&child, silent));
}

fn of_enum(an_enum: &EnumDescriptor, silent: &mut impl FnMut(&[i32], &str)) {
    silent(an_enum.path(), an_enum.full_name());
    an_enum.values().for_each(|value| silent(value.path(), value.full_name()));
}
