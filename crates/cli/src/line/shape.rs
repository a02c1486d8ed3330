//! What options of a kind have in common, whoever wrote them: by the type of their value, so that a new one is as the others.

use std::any::TypeId;

use clap::{Arg, Command};
use prost_types::Duration;

use super::fields;

/// A verb with its options in shape. `path` names it below the root, such as `clients secrets list`.
pub(super) fn shaped(verb: Command, path: &str) -> Command {
    let verb = verb.mut_args(option);
    match fields::of(path) {
        Some(of) => verb.mut_arg("filter", |filter| filter.help(of.help())),
        None => verb,
    }
}

fn option(arg: Arg) -> Arg {
    let kind = arg.get_value_parser().type_id();
    if !arg.get_action().takes_values() {
        arg
    } else if kind == TypeId::of::<bool>() {
        // `--x` and `--x=false`: after a space would come the next argument.
        arg.value_name("BOOL").num_args(0..=1).require_equals(true).default_missing_value("true")
    } else if kind == TypeId::of::<Duration>() {
        // What begins with a minus is told that it is no span.
        arg.allow_hyphen_values(true)
    } else {
        arg
    }
}
