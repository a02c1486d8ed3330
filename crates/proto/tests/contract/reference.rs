//! The reference in `proto/README.md`: every service, call, message, field and enum, out of the descriptors.

use std::fmt::Write;
use std::path::Path;

use chancery_proto::authorization::{AUTHORIZATIONS, Authorization, Scope};
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, ServiceDescriptor,
};

use crate::lint::Comments;
use crate::{behaviours, contract, ours};

#[test]
fn the_reference_is_current() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/README.md");
    chancery_testkit::reference::hold(&document, "calls", &reference(&contract()));
}

fn reference(pool: &DescriptorPool) -> String {
    let mut text = String::new();
    let files: Vec<_> = ours(pool).collect();
    let _ = writeln!(text, "### Services\n\n| service | what it is about |\n|---|---|");
    for service in files.iter().flat_map(|file| file.services().collect::<Vec<_>>()) {
        let about = Comments::of(&service.parent_file()).above(service.path()).to_owned();
        let first = about.split_once(". ").map_or(about.as_str(), |(first, _)| first).trim_end_matches('.');
        let _ = writeln!(text, "| [{0}](#{1}) | {2} |", service.name(), service.name().to_lowercase(), inline(first));
    }
    for file in &files {
        file.services().for_each(|service| of_service(&service, &mut text));
        file.messages().for_each(|message| of_message(&message, &mut text));
        file.enums().for_each(|an_enum| of_enum(&an_enum, &mut text));
    }
    text
}

fn of_service(service: &ServiceDescriptor, text: &mut String) {
    let comments = Comments::of(&service.parent_file());
    let _ = writeln!(text, "\n### {}\n\n{}", service.name(), inline(comments.above(service.path())));
    for call in service.methods() {
        let streams = |so: bool| if so { "stream of " } else { "" };
        let path = format!("/{}/{}", service.full_name(), call.name());
        let may = AUTHORIZATIONS.iter().find(|one| one.path == path).expect("each call is annotated");
        let (input, output) = (call.input(), call.output());
        let _ =
            writeln!(text, "\n#### {}.{}\n\n{}\n", service.name(), call.name(), inline(comments.above(call.path())));
        let _ = writeln!(
            text,
            "Takes {}{}, answers with {}{}. {}",
            streams(call.is_client_streaming()),
            link(&input),
            streams(call.is_server_streaming()),
            link(&output),
            permission(may)
        );
    }
}

/// Who may make a call, as a sentence.
fn permission(may: &Authorization) -> String {
    let name = may.permission;
    let mut sentence = match may.scope {
        Scope::Anybody => "For anybody, known or not.".to_owned(),
        Scope::Caller => "For any caller who is known.".to_owned(),
        Scope::Platform => format!("Permission `{name}`, for the whole platform."),
        Scope::Tenant => format!("Permission `{name}`, in the tenant."),
        Scope::Named => format!("Permission `{name}`, in the tenant that is named, else for the whole platform."),
    };
    if may.step_up {
        sentence.push_str(" A person must have signed in a short while ago.");
    }
    if may.secret_output {
        sentence.push_str(" The answer tells a secret, this once.");
    }
    sentence
}

fn of_message(message: &MessageDescriptor, text: &mut String) {
    if message.is_map_entry() {
        return;
    }
    let comments = Comments::of(&message.parent_file());
    let _ = writeln!(text, "\n#### {}\n\n{}", own_name(message.full_name()), inline(comments.above(message.path())));
    if message.fields().len() > 0 {
        let _ = writeln!(text, "\n| field | no. | type | behaviour | |\n|---|---|---|---|---|");
    }
    for field in message.fields() {
        let behaviour = behaviours(&field.options()).join(", ").to_lowercase().replace('_', " ");
        let about = inline(comments.above(field.path()));
        let (name, number) = (field.name(), field.number());
        let _ = writeln!(text, "| `{name}` | {number} | {} | {behaviour} | {} |", kind(&field), cell(&about));
    }
    message.child_messages().for_each(|child| of_message(&child, text));
    message.child_enums().for_each(|child| of_enum(&child, text));
}

fn of_enum(an_enum: &EnumDescriptor, text: &mut String) {
    let comments = Comments::of(&an_enum.parent_file());
    let _ = writeln!(text, "\n#### {}\n\n{}", own_name(an_enum.full_name()), inline(comments.above(an_enum.path())));
    let _ = writeln!(text, "\n| value | no. | |\n|---|---|---|");
    for value in an_enum.values() {
        let about = cell(&inline(comments.above(value.path())));
        let _ = writeln!(text, "| `{}` | {} | {about} |", value.name(), value.number());
    }
}

/// The type of a field, with `repeated` and `map` said.
fn kind(field: &FieldDescriptor) -> String {
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let parts = [entry.map_entry_key_field(), entry.map_entry_value_field()].map(|part| single(&part));
        return format!("map of {} to {}", parts[0], parts[1]);
    }
    let optional = field.field_descriptor_proto().proto3_optional();
    let before = if field.is_list() {
        "repeated "
    } else if optional {
        "optional "
    } else {
        ""
    };
    format!("{before}{}", single(field))
}

fn single(field: &FieldDescriptor) -> String {
    let kind = field.kind();
    match (kind.as_message(), kind.as_enum()) {
        (Some(message), _) => link(message),
        (None, Some(an_enum)) => linked(an_enum.full_name(), &an_enum.parent_file()),
        (None, None) => format!("{kind:?}"),
    }
}

fn link(message: &MessageDescriptor) -> String {
    linked(message.full_name(), &message.parent_file())
}

/// A link within the document for what is ours; the plain name for what is Google's.
fn linked(full: &str, file: &FileDescriptor) -> String {
    if file.package_name().starts_with("google.") {
        return format!("`{full}`");
    }
    let name = own_name(full);
    let anchor = name.to_lowercase().replace('.', "");
    format!("[`{name}`](#{anchor})")
}

/// The name within the package.
fn own_name(full: &str) -> &str {
    full.strip_prefix("chancery.admin.v1.").unwrap_or(full)
}

/// A comment on one line.
fn inline(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that does not end a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
