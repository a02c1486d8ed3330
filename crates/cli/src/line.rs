//! What every noun has on the command line, whoever wrote it: `--watch` where something is looked at, the usual tenant
//! where none is named, and options that are written alike.
//!
//! The first two go by names: a verb that is called `list`, `get` or `timeline` looks, and a verb whose first argument is
//! called `tenant` is about a tenant. So a new noun has them without a line of its own.

mod fields;
mod shape;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, Parser};

use crate::error::CliError;
use crate::name::TenantId;
use crate::sight::Sight;

/// Verbs that look at something and change nothing.
const LOOKS: [&str; 3] = ["list", "get", "timeline"];

/// Stands for the usual tenant until it is known which that is.
const SOME_TENANT: &str = "some-tenant";

/// A command line that was understood.
#[derive(Debug)]
pub struct Line<P> {
    /// What it says.
    pub parsed: P,
    /// What to go on looking at, if that is asked for.
    pub watch: Option<Sight>,
    /// Whether it is only tried what the command would do.
    pub trial: bool,
    words: Vec<OsString>,
}

/// The command line of a parser with what every noun has: for help, completions and the reference as well.
#[must_use]
pub fn command<P: Parser>() -> Command {
    P::command().mut_subcommands(|noun| if noun.get_name() == "context" { noun } else { with_habits(noun, "") })
}

/// A noun with what every noun has, or a verb with what every verb has. `above` names what it belongs to.
fn with_habits(command: Command, above: &str) -> Command {
    let path = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        return command.mut_subcommands(|verb| with_habits(verb, &path));
    }
    let command = shape::shaped(command, path.trim_start());
    let known = command.get_arguments().any(|known| known.get_id() == "watch");
    if known || !LOOKS.contains(&command.get_name()) {
        return command;
    }
    let help = "Go on looking: show it anew whenever it has changed, until interrupted";
    command.arg(Arg::new("watch").long("watch").action(ArgAction::SetTrue).help(help))
}

impl<P: Parser> Line<P> {
    /// Understands a command line. Where only the tenant is missing, `usual_tenant` is asked for it.
    pub fn read(
        words: impl IntoIterator<Item = OsString>,
        usual_tenant: impl FnOnce(&P) -> Result<Option<String>, CliError>,
    ) -> Result<Self, clap::Error> {
        let words: Vec<OsString> = words.into_iter().collect();
        Self::complete(words.clone(), usual_tenant).map_err(|error| with_plain_usage(error, command::<P>(), &words))
    }

    fn complete(
        words: Vec<OsString>,
        usual_tenant: impl FnOnce(&P) -> Result<Option<String>, CliError>,
    ) -> Result<Self, clap::Error> {
        let incomplete = match Self::parse(words.clone()) {
            Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => error,
            parsed => return parsed,
        };
        let Some(place) = place_of_tenant(&P::command(), &words) else { return Err(incomplete) };
        let mut words = words;
        words.insert(place, SOME_TENANT.into());
        let Ok(complete) = Self::parse(words.clone()) else { return Err(incomplete) };
        match usual_tenant(&complete.parsed) {
            Ok(Some(tenant)) => words[place] = tenant.into(),
            Ok(None) => return Err(with_advice(incomplete)),
            Err(error) => return Err(clap::Error::raw(ErrorKind::MissingRequiredArgument, format!("{error}\n"))),
        }
        Self::parse(words)
    }

    /// The same once more: a command is used up when it is carried out.
    pub fn again(&self) -> Result<P, clap::Error> {
        Ok(Self::parse(self.words.clone())?.parsed)
    }

    fn parse(words: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = command::<P>();
        let matches = command.try_get_matches_from_mut(&words)?;
        let (watch, trial) = (sight(&matches), is_trial(&matches));
        let parsed = P::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        Ok(Self { parsed, watch, trial, words })
    }
}

fn sight(matches: &ArgMatches) -> Option<Sight> {
    let (noun, mut inner) = matches.subcommand()?;
    let mut verb = noun;
    while let Some((name, within)) = inner.subcommand() {
        (verb, inner) = (name, within);
    }
    let asked = LOOKS.contains(&verb) && inner.try_get_one("watch").ok().flatten().copied().unwrap_or(false);
    let tenant = inner.try_get_one::<TenantId>("tenant").ok().flatten();
    asked.then(|| Sight::of(noun, verb, tenant))
}

fn is_trial(mut matches: &ArgMatches) -> bool {
    while let Some((_, within)) = matches.subcommand() {
        matches = within;
    }
    matches.try_get_one("validate_only").ok().flatten().copied().unwrap_or(false)
}

/// Which word the tenant would be. None where the verb is about no tenant, or where the tenant is what is changed.
fn place_of_tenant(root: &Command, words: &[OsString]) -> Option<usize> {
    let (path, behind) = named(root, words);
    if path.iter().any(|command| command.get_name() == "tenants") {
        return None;
    }
    let first = path.last()?.get_positionals().next()?;
    (first.get_id() == "tenant" && first.is_required_set()).then_some(behind)
}

/// The noun, the verb, and whatever lies between that the words name, and the place behind them.
fn named<'a>(root: &'a Command, words: &[OsString]) -> (Vec<&'a Command>, usize) {
    let (mut path, mut here, mut at) = (Vec::new(), root, 1);
    while let Some(word) = words.get(at).and_then(|word| word.to_str()).filter(|_| here.has_subcommands()) {
        if word.starts_with('-') {
            at += if takes_the_next(root, word) || takes_the_next(here, word) { 2 } else { 1 };
            continue;
        }
        let Some(found) = here.find_subcommand(word) else { break };
        path.push(found);
        (here, at) = (found, at + 1);
    }
    (path, at)
}

/// Says how the verb is used, and not what the environment holds for it: clap takes that for words of this very line.
fn with_plain_usage(mut error: clap::Error, mut root: Command, words: &[OsString]) -> clap::Error {
    root.build();
    let verb = named(&root, words).0.last().map(|verb| (*verb).clone());
    if let Some(mut verb) = verb.filter(|_| error.get(ContextKind::Usage).is_some()) {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(verb.render_usage()));
    }
    error
}

/// Whether this option has its value in the next word.
fn takes_the_next(command: &Command, word: &str) -> bool {
    let is_it = |option: &&Arg| match word.strip_prefix("--") {
        Some(long) => option.get_long() == Some(long),
        None => word.len() == 2 && option.get_short() == word.chars().nth(1),
    };
    command.get_arguments().find(is_it).is_some_and(|option| option.get_action().takes_values())
}

/// Says how to have a usual tenant.
fn with_advice(mut error: clap::Error) -> clap::Error {
    let advice = "name the tenant, set CHANCERY_TENANT, or use a context that has one (`chancery context --help`)";
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    error
}
