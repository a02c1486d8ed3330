//! Enums and their values.

use prost_reflect::{DescriptorPool, EnumDescriptor};

pub(super) fn compare(before: &EnumDescriptor, pool: &DescriptorPool, breaks: &mut Vec<String>) {
    let name = before.full_name();
    let Some(after) = pool.get_enum_by_name(name) else {
        breaks.push(format!("{name} is gone"));
        return;
    };
    if after.parent_file().name() != before.parent_file().name() {
        breaks.push(format!("{name} has moved to {}", after.parent_file().name()));
    }
    for value in before.values() {
        let number = value.number();
        match after.get_value(number) {
            Some(now) if now.name() == value.name() => {}
            Some(now) => breaks.push(format!("{} is called {}", value.full_name(), now.name())),
            None if reserves(&after, number) && after.reserved_names().any(|word| word == value.name()) => {}
            None => {
                breaks.push(format!("{} is gone, and {number} and its name are not reserved", value.full_name()));
            }
        }
    }
    for number in before.reserved_ranges().flatten().filter(|number| !reserves(&after, *number)) {
        breaks.push(format!("{name} no longer reserves {number}"));
    }
    for word in before.reserved_names().filter(|word| !after.reserved_names().any(|other| other == *word)) {
        breaks.push(format!("{name} no longer reserves {word:?}"));
    }
}

fn reserves(an_enum: &EnumDescriptor, number: i32) -> bool {
    an_enum.reserved_ranges().any(|range| range.contains(&number))
}
