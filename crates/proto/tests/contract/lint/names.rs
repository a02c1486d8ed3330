//! Names of messages, fields, enums and their values, services and their calls.

use prost_reflect::{EnumDescriptor, FileDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

pub(super) fn check(file: &FileDescriptor, faults: &mut Vec<String>) {
    file.messages().for_each(|message| of_message(&message, faults));
    file.enums().for_each(|an_enum| of_enum(&an_enum, faults));
    file.services().for_each(|service| of_service(&service, faults));
}

fn of_message(message: &MessageDescriptor, faults: &mut Vec<String>) {
    if message.is_map_entry() {
        return;
    }
    pascal(message.name(), message.full_name(), faults);
    let oneofs = message.oneofs().filter(|oneof| !oneof.is_synthetic());
    let names = message.fields().map(|field| (field.name().to_owned(), field.full_name().to_owned()));
    for (name, full) in names.chain(oneofs.map(|oneof| (oneof.name().to_owned(), oneof.full_name().to_owned()))) {
        if !is_lower_snake(&name) {
            faults.push(format!("{full} is not in lower_snake_case"));
        }
    }
    message.child_messages().for_each(|child| of_message(&child, faults));
    message.child_enums().for_each(|child| of_enum(&child, faults));
}

fn of_enum(an_enum: &EnumDescriptor, faults: &mut Vec<String>) {
    pascal(an_enum.name(), an_enum.full_name(), faults);
    if an_enum.enum_descriptor_proto().options.as_ref().is_some_and(prost_types::EnumOptions::allow_alias) {
        faults.push(format!("{} has aliases", an_enum.full_name()));
    }
    let prefix = format!("{}_", upper_snake(an_enum.name()));
    for value in an_enum.values() {
        let name = value.full_name();
        if !value.name().starts_with(&prefix) {
            faults.push(format!("{name} does not begin with {prefix}"));
        }
        if !is_upper_snake(value.name()) {
            faults.push(format!("{name} is not in UPPER_SNAKE_CASE"));
        }
        if value.number() == 0 && !value.name().ends_with("_UNSPECIFIED") {
            faults.push(format!("{name} is zero and does not end in _UNSPECIFIED"));
        }
    }
}

fn of_service(service: &ServiceDescriptor, faults: &mut Vec<String>) {
    pascal(service.name(), service.full_name(), faults);
    if !service.name().ends_with("Service") {
        faults.push(format!("{} does not end in Service", service.full_name()));
    }
    service.methods().for_each(|method| of_method(&method, faults));
}

/// A call takes `<Call>Request`, and `Preview<Call>` takes the very request that it previews. It answers with `<Call>Response`, with a resource (AIP-131, 133, 134) or with nothing
/// (AIP-135), and never with what is another call's.
fn of_method(method: &MethodDescriptor, faults: &mut Vec<String>) {
    pascal(method.name(), method.full_name(), faults);
    let (input, output) = (method.input(), method.output());
    let real_call = method.name().strip_prefix("Preview").unwrap_or(method.name());
    let wanted = format!("{real_call}Request");
    if input.name() != wanted {
        faults.push(format!("{} takes {} instead of {wanted}", method.full_name(), input.full_name()));
    }
    let own = output.name() == format!("{}Response", method.name());
    if !own && (output.name().ends_with("Response") || output.name().ends_with("Request")) {
        faults.push(format!("{} answers with {}", method.full_name(), output.full_name()));
    }
}

fn pascal(name: &str, full: &str, faults: &mut Vec<String>) {
    let first = name.chars().next().is_some_and(|letter| letter.is_ascii_uppercase());
    if !first || !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        faults.push(format!("{full} is not in PascalCase"));
    }
}

pub(super) fn is_lower_snake(name: &str) -> bool {
    is_snake(name, |letter| letter.is_ascii_lowercase())
}

fn is_upper_snake(name: &str) -> bool {
    is_snake(name, |letter| letter.is_ascii_uppercase())
}

/// Words of such letters and digits, the first beginning with a letter, apart by one underscore.
fn is_snake(name: &str, letter: impl Fn(char) -> bool) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|it| letter(it) || it.is_ascii_digit());
    name.chars().next().is_some_and(&letter) && name.split('_').all(word)
}

/// `KeyState` is `KEY_STATE`.
fn upper_snake(name: &str) -> String {
    let mut upper = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_ascii_uppercase() {
            upper.push('_');
        }
        upper.push(letter.to_ascii_uppercase());
    }
    upper
}
