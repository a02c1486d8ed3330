//! Every example that a help text shows is one that the parser takes.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::line::{self, Line};
use crate::{
    AdminCommand, BOOTSTRAP_EXAMPLES, Bootstrap, CONTEXT_EXAMPLES, Connection, ContextVerb, LOGIN_EXAMPLES, Output,
    SignIn,
};

/// The binary's command line, as far as operators' commands go.
#[derive(Debug, Parser)]
#[command(name = "chancery")]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub command: Topic,
    #[command(flatten)]
    pub connection: Connection,
    #[arg(long, short, global = true, value_enum, default_value_t)]
    pub output: Output,
}

/// What is asked of a server, and what is not.
#[derive(Debug, Subcommand)]
pub(super) enum Topic {
    #[command(flatten)]
    Admin(Box<AdminCommand>),
    #[command(subcommand, after_help = CONTEXT_EXAMPLES)]
    Context(ContextVerb),
    #[command(after_help = BOOTSTRAP_EXAMPLES)]
    Bootstrap(Bootstrap),
    #[command(after_help = LOGIN_EXAMPLES)]
    Login(SignIn),
}

/// Understands a line as the binary does, with this usual tenant.
fn read(line: &str, usual_tenant: Option<&str>) -> Result<Line<CommandLine>, clap::Error> {
    let words: Vec<OsString> = words(line).into_iter().map(OsString::from).collect();
    Line::read(words, |_| Ok(usual_tenant.map(str::to_owned)))
}

fn command() -> clap::Command {
    line::command::<CommandLine>()
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
    examples(&command(), &mut found);
    assert!(found.len() > 30, "only {} examples", found.len());
    for example in found {
        assert!(example.starts_with("chancery "), "{example}");
        if let Err(refusal) = read(&example, None) {
            panic!("{example}\n{refusal}");
        }
    }
}

#[test]
fn the_command_line_holds_together() {
    command().debug_assert();
}

#[test]
fn examples_fit_the_width_of_help() {
    let mut nouns = command();
    for noun in nouns.get_subcommands_mut() {
        let help = noun.render_help().to_string();
        let shown = help.split_once("Examples:\n").expect("examples").1;
        assert!(shown.lines().take_while(|line| !line.is_empty()).all(|line| line.starts_with("  ")), "{shown}");
    }
}

#[test]
fn every_noun_shows_examples() {
    for noun in command().get_subcommands() {
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
        "chancery tenants update acme --ml-dsa true",
        "chancery tenants get tenants/acme/clients/web",
        "chancery drift --no-color=1 acme",
        "chancery audit list --since yesterday",
    ] {
        assert!(read(line, None).is_err(), "{line}");
    }
}

#[test]
fn what_is_true_or_false_is_written_in_one_way() {
    for option in ["clients update acme web --require-pkce", "tenants update acme --ml-dsa"] {
        for end in ["", "=true", "=false"] {
            read(&format!("chancery {option}{end}"), None).expect(option);
        }
    }
    read("chancery drift --no-color acme", None).expect("the tenant is no value of a switch");
    read("chancery keys timeline --no-color acme", None).expect("it paints too");
}

#[test]
fn a_span_below_nothing_is_told_to_be_none() {
    let refusal = read("chancery tenants update acme --access-token-ttl -5m", None).expect_err("no span").to_string();
    assert!(refusal.contains("`-5m` is no duration") && !refusal.contains("--'"), "{refusal}");
}

#[test]
fn both_ends_of_a_time_are_read_alike() {
    let refusals = ["audit list --since", "audit list --until", "role-bindings create --role r --member m --until"];
    for option in refusals {
        let refusal = read(&format!("chancery {option} yesterday"), None).expect_err(option).to_string();
        assert!(refusal.contains("write it as 2026-03-01T12:00:00Z"), "{refusal}");
    }
}

#[test]
fn usage_says_what_the_verb_takes_and_not_what_was_given() {
    // A flag stands for a variable of the environment, which clap takes for a word of the line.
    let refusal = read("chancery tenants get --admin-url http://127.0.0.1:9090", None).expect_err("no tenant");
    let refusal = refusal.to_string();
    assert!(refusal.contains("Usage: chancery tenants get [OPTIONS] <TENANT>\n"), "{refusal}");
}

#[test]
fn every_list_tells_its_own_fields() {
    fn look(command: &clap::Command) {
        let filter = command.get_arguments().find(|arg| arg.get_id() == "filter");
        let help = filter.and_then(|filter| filter.get_help()).map(ToString::to_string);
        assert!(help.is_none_or(|help| help.contains(", by ")), "{}", command.get_name());
        command.get_subcommands().for_each(look);
    }
    look(&command());
    let mut clients = command().find_subcommand("users").expect("users").clone();
    let help = clients.find_subcommand_mut("list").expect("list").render_help().to_string();
    assert!(help.contains("username, email") && !help.contains("kind"), "{help}");
}

#[test]
fn a_trial_is_known_as_one() {
    let trial = |line: &str| read(&format!("chancery {line}"), None).expect(line).trial;
    assert!(trial("tenants delete acme --validate-only") && trial("keys policy set acme --period 30d --validate-only"));
    assert!(!trial("tenants delete acme") && !trial("tenants list"));
}

#[test]
fn completions_know_the_verbs() {
    for shell in [crate::Shell::Bash, crate::Shell::Zsh] {
        let script = crate::completions::script(shell, command());
        assert!(script.contains("password-link") && script.contains("rotate"), "{shell}");
        assert!(script.contains("--watch") && script.contains("context"), "{shell}");
    }
}

#[test]
fn bash_proposes_verbs_behind_a_noun_and_values_behind_an_option() {
    let script = crate::completions::script(crate::Shell::Bash, command());
    let proposed = |path: &str| {
        let place = script.split_once(&format!("        {path})\n            opts=\"")).expect(path).1;
        place.split_once('"').expect("an end").0.to_owned()
    };
    let tenants = proposed("chancery__subcmd__tenants");
    assert!(tenants.starts_with("list get create ") && !tenants.contains("--"), "{tenants}");
    assert!(proposed("chancery__subcmd__tenants__subcmd__list").contains("--admin-url"));
    assert!(script.contains("prev=\"${COMP_WORDS[COMP_CWORD-2]}\""), "the script for bash is another than it was");
}

#[test]
fn whatever_is_looked_at_can_be_watched() {
    for line in ["tenants list", "clients get acme web", "keys timeline acme", "clients secrets list acme web"] {
        assert!(read(&format!("chancery {line} --watch"), None).expect(line).watch.is_some(), "{line}");
        assert!(read(&format!("chancery {line}"), None).expect(line).watch.is_none(), "{line}");
    }
    for line in ["tenants delete acme", "clients disable acme web", "context list"] {
        assert!(read(&format!("chancery {line} --watch"), None).is_err(), "{line}");
    }
    // It has one of its own, which ends by itself.
    assert!(read("chancery master-keys status --watch", None).expect("well-formed").watch.is_none());
}

#[test]
fn what_is_watched_is_asked_of_the_feed() {
    let told = |line: &str| {
        let sight = read(&format!("chancery {line} --watch"), Some("acme")).expect(line).watch.expect(line);
        sight.told.map(|request| (request.parent, request.nouns.join(" ")))
    };
    for (line, parent, nouns) in [
        ("tenants list", "", "tenant"),
        ("tenants get acme", "tenants/acme", "tenant"),
        ("clients list", "tenants/acme", "client"),
        ("clients secrets list acme web", "tenants/acme", "client"),
        ("keys policy get acme", "tenants/acme", "key key_policy"),
        ("roles list", "", "role"),
        ("roles list --tenant acme", "tenants/acme", "role"),
    ] {
        assert_eq!(told(line), Some((parent.to_owned(), nouns.to_owned())), "{line}");
    }
    assert_eq!(told("audit list"), None);
}

/// A noun that comes later has its line in `sight`, or is looked at every two seconds.
#[test]
fn only_what_the_feed_never_tells_is_looked_at_again_and_again() {
    let command = command();
    let looks = |noun: &clap::Command| noun.get_subcommands().any(|verb| ["list", "get"].contains(&verb.get_name()));
    let watched = command.get_subcommands().filter(|noun| looks(noun) && noun.get_name() != "context");
    let untold = watched.filter(|noun| crate::Sight::of(noun.get_name(), "list", None).told.is_none());
    assert_eq!(untold.map(clap::Command::get_name).collect::<Vec<_>>(), ["master-keys", "audit"]);
}

#[test]
fn a_tenant_that_is_not_named_is_the_usual_one() {
    for (short, whole) in [
        ("clients list", "clients list acme"),
        ("clients get web", "clients get acme web"),
        (
            "-o json clients secrets delete web 1 --validate-only",
            "-o json clients secrets delete acme web 1 --validate-only",
        ),
        ("--admin-key get keys get --output yaml k1", "--admin-key get keys get --output yaml acme k1"),
        ("keys policy set --period 30d", "keys policy set acme --period 30d"),
        ("users list --watch", "users list acme --watch"),
    ] {
        let told = |line: &str, tenant| format!("{:?}", read(&format!("chancery {line}"), tenant).expect(line).parsed);
        assert_eq!(told(short, Some("acme")), told(whole, Some("other")), "{short}");
    }
}

#[test]
fn the_usual_tenant_is_never_what_is_changed() {
    for line in
        ["tenants delete", "tenants suspend", "tenants update --display-name x", "keys compromise --all --reason x"]
    {
        assert!(read(&format!("chancery {line}"), Some("acme")).is_err(), "{line}");
    }
}

#[test]
fn who_names_no_tenant_hears_how_to_have_a_usual_one() {
    let refusal = read("chancery clients list", None).expect_err("no tenant").to_string();
    assert!(refusal.contains("<TENANT>") && refusal.contains("CHANCERY_TENANT"), "{refusal}");
}

#[test]
fn a_line_can_be_carried_out_again() {
    let line = read("chancery clients list --watch", Some("acme")).expect("well-formed");
    assert_eq!(format!("{:?}", line.again().expect("as before")), format!("{:?}", line.parsed));
}
