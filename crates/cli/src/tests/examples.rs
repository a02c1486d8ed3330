//! Every example that a help text shows is one that the parser takes.

use clap::{CommandFactory, Parser};

use crate::{AdminCommand, Connection, Output};

/// The binary's command line, as far as operators' commands go.
#[derive(Debug, Parser)]
#[command(name = "chancery")]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub command: AdminCommand,
    #[command(flatten)]
    pub connection: Connection,
    #[arg(long, global = true, value_enum, default_value_t)]
    pub output: Output,
}

/// Words as a shell splits them, single quotes included.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().expect("one at least").push(letter),
        }
    }
    words
}

fn examples(command: &clap::Command, found: &mut Vec<String>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    // A line that ends in a backslash goes on in the next one, as in a shell.
    let help = help.replace(" \\\n     ", "");
    found.extend(help.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned));
    command.get_subcommands().for_each(|command| examples(command, found));
}

#[test]
fn every_example_is_taken() {
    let mut found = Vec::new();
    examples(&CommandLine::command(), &mut found);
    assert!(found.len() > 30, "only {} examples", found.len());
    for example in found {
        assert!(example.starts_with("chancery "), "{example}");
        if let Err(refusal) = CommandLine::try_parse_from(words(&example)) {
            panic!("{example}\n{refusal}");
        }
    }
}

#[test]
fn the_command_line_holds_together() {
    CommandLine::command().debug_assert();
}

#[test]
fn examples_fit_the_width_of_help() {
    let mut nouns = CommandLine::command();
    for noun in nouns.get_subcommands_mut() {
        let help = noun.render_help().to_string();
        let shown = help.split_once("Examples:\n").expect("examples").1;
        assert!(shown.lines().take_while(|line| !line.is_empty()).all(|line| line.starts_with("  ")), "{shown}");
    }
}

#[test]
fn every_noun_shows_examples() {
    for noun in CommandLine::command().get_subcommands() {
        assert!(noun.get_after_help().is_some(), "{}", noun.get_name());
    }
}

#[test]
fn what_is_dangerous_or_wrong_is_refused() {
    for line in [
        "chancery keys rotate acme --immediate",
        "chancery keys taint acme KEY",
        "chancery keys compromise acme KEY",
        "chancery keys compromise acme --reason x",
        "chancery keys compromise acme KEY --all --reason x",
        "chancery keys compromise --everywhere --reason x",
        "chancery keys compromise acme --everywhere --algorithm RS256 --reason x",
        "chancery keys policy set acme --period 30d --cron x",
        "chancery users password-link acme alice secret",
        "chancery users create acme --username alice --password-stdin",
        "chancery sessions revoke acme",
        "chancery sessions revoke acme SESSION --user alice",
        "chancery grants revoke acme",
        "chancery grants revoke acme GRANT --client web",
        "chancery grants list acme --state spent",
        "chancery consents revoke acme alice",
        "chancery clients create acme --grant password",
        "chancery tenants create acme --access-token-ttl 600",
        "chancery clients update acme web --skip-consent false",
    ] {
        assert!(CommandLine::try_parse_from(words(line)).is_err(), "{line}");
    }
}

#[test]
fn completions_know_the_verbs() {
    let mut script = Vec::new();
    clap_complete::generate(crate::Shell::Bash, &mut CommandLine::command(), "chancery", &mut script);
    let script = String::from_utf8(script).expect("text");
    assert!(script.contains("password-link") && script.contains("rotate"));
}
