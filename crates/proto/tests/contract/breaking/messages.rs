//! Messages and their fields.

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};

use super::enums;
use crate::behaviours;

pub(super) fn compare(before: &MessageDescriptor, pool: &DescriptorPool, breaks: &mut Vec<String>) {
    let name = before.full_name();
    let Some(after) = pool.get_message_by_name(name) else {
        breaks.push(format!("{name} is gone"));
        return;
    };
    if after.parent_file().name() != before.parent_file().name() {
        breaks.push(format!("{name} has moved to {}", after.parent_file().name()));
    }
    for field in before.fields() {
        of_field(&field, &after, breaks);
    }
    for field in after.fields().filter(|field| before.get_field(field.number()).is_none() && is_required(field)) {
        breaks.push(format!("{} is new and required", field.full_name()));
    }
    for number in before.reserved_ranges().flatten().filter(|number| !reserves(&after, *number)) {
        breaks.push(format!("{name} no longer reserves {number}"));
    }
    for word in before.reserved_names().filter(|word| !after.reserved_names().any(|other| other == *word)) {
        breaks.push(format!("{name} no longer reserves {word:?}"));
    }
    before.child_messages().for_each(|child| compare(&child, pool, breaks));
    before.child_enums().for_each(|child| enums::compare(&child, pool, breaks));
}

fn of_field(before: &FieldDescriptor, message: &MessageDescriptor, breaks: &mut Vec<String>) {
    let (name, number) = (before.full_name(), before.number());
    let Some(after) = message.get_field(number) else {
        if !reserves(message, number) || !message.reserved_names().any(|word| word == before.name()) {
            breaks.push(format!("{name} is gone, and {number} and its name are not reserved"));
        }
        return;
    };
    let mut broken = |what: String| breaks.push(format!("{name} {what}"));
    if after.name() != before.name() {
        broken(format!("is called {}", after.name()));
    } else if after.json_name() != before.json_name() {
        broken(format!("is {:?} in JSON", after.json_name()));
    }
    let kinds = [&after, before].map(|field| format!("{:?}", field.kind()));
    if kinds[0] != kinds[1] {
        broken(format!("is {} instead of {}", kinds[0], kinds[1]));
    }
    if after.cardinality() != before.cardinality() || after.is_map() != before.is_map() {
        broken(format!("is {}", if after.is_list() || after.is_map() { "repeated" } else { "singular" }));
    } else if shared(&after) != shared(before) {
        broken("has left its oneof or come into one".to_owned());
    } else if after.supports_presence() != before.supports_presence() {
        broken("tells its absence, or no longer does".to_owned());
    }
    if is_required(&after) && !is_required(before) {
        broken("is required".to_owned());
    }
}

/// The oneof that a field shares with others.
fn shared(field: &FieldDescriptor) -> Option<String> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic()).map(|oneof| oneof.name().to_owned())
}

fn is_required(field: &FieldDescriptor) -> bool {
    behaviours(&field.options()).iter().any(|behaviour| behaviour == "REQUIRED")
}

fn reserves(message: &MessageDescriptor, number: u32) -> bool {
    message.reserved_ranges().any(|range| range.contains(&number))
}
