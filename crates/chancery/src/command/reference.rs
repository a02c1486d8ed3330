//! The reference in `crates/cli/README.md`: every command with its arguments, its options and its examples.

use std::fmt::Write;
use std::path::Path;

use chancery_cli::Exit;
use clap::{Arg, Command};

use super::Chancery;

#[test]
fn the_reference_is_current() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/README.md");
    chancery_testkit::reference::hold(&document, "commands", &reference());
}

/// What is to be typed is shown as it is typed, on a terminal of 80 columns too.
#[test]
fn no_text_under_a_help_is_wider_than_a_terminal() {
    fn look(command: &Command) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let wide: Vec<_> = help.lines().filter(|line| line.chars().count() > 79).collect();
        assert!(wide.is_empty(), "{}: {wide:#?}", command.get_name());
        command.get_subcommands().for_each(look);
    }
    look(&chancery_cli::command::<Chancery>());
}

fn reference() -> String {
    let mut root = chancery_cli::command::<Chancery>();
    root.build();
    let mut text = "### Exit codes\n\n| code | |\n|---|---|\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.number(), exit.meaning());
    }
    text.push_str("\n### Options of every command\n");
    table(root.get_arguments().filter(|arg| arg.is_global_set()), &mut text);
    for command in root.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        of_command(command, "###", &mut text);
    }
    text
}

fn of_command(command: &mut Command, mark: &str, text: &mut String) {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(text, "\n{mark} {name}\n\n{}\n", stop(&about));
    if command.has_subcommands() {
        let verbs: Vec<String> =
            command.get_subcommands().map(|verb| verb.get_name().to_owned()).filter(|verb| verb != "help").collect();
        let _ = writeln!(text, "Verbs: `{}`.", verbs.join("`, `"));
    } else {
        let _ = writeln!(text, "```text\n{usage}\n```");
    }
    table(command.get_arguments().filter(|arg| !arg.is_global_set()), text);
    if let Some(examples) = command.get_after_help() {
        let _ = writeln!(text, "\n```text\n{examples}\n```");
    }
    for verb in command.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
        of_command(verb, "####", text);
    }
}

/// Arguments and options; those that every program has (`--help`) are left out.
fn table<'a>(arguments: impl Iterator<Item = &'a Arg>, text: &mut String) {
    let told = |arg: &&Arg| !matches!(arg.get_id().as_str(), "help" | "version") && !arg.is_hide_set();
    let rows: Vec<String> = arguments.filter(told).map(row).collect();
    if !rows.is_empty() {
        let _ = writeln!(text, "\n| | | |\n|---|---|---|\n{}", rows.join("\n"));
    }
}

fn row(arg: &Arg) -> String {
    let mut word = match (arg.get_long(), arg.get_short()) {
        (Some(long), Some(short)) => format!("-{short}, --{long}"),
        (Some(long), None) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    };
    if arg.get_action().takes_values() {
        let id = arg.get_id().as_str().to_uppercase();
        let names = arg.get_value_names().map_or(id, |names| names.join(" "));
        let _ = write!(word, " {names}");
    }
    let mut notes = Vec::new();
    if arg.is_required_set() {
        notes.push("required".to_owned());
    }
    if let Some(variable) = arg.get_env() {
        notes.push(format!("`{}`", variable.to_string_lossy()));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().filter_map(|value| value.to_str()).collect();
    if arg.get_action().takes_values() && defaults.iter().any(|value| !value.is_empty()) {
        notes.push(format!("default `{}`", defaults.join(" ")));
    }
    let choices: Vec<_> = arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if arg.get_action().takes_values() && !choices.is_empty() {
        notes.push(choices.join(", "));
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| `{}` | {} | {} |", word.trim(), notes.join("; "), cell(&help))
}

/// A text that does not end a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A sentence with its stop.
fn stop(sentence: &str) -> String {
    let sentence = cell(sentence);
    if sentence.ends_with('.') { sentence } else { format!("{sentence}.") }
}
