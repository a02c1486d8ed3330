//! The API key of a caller, as the command line or the environment says it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::Error;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::error::CliError;
use crate::secret::Secret;

/// An API key that was given.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// The key itself.
    Word(Secret),
    /// A file that holds it.
    File(PathBuf),
    /// Both at once by the same means, so that nobody knows which is meant.
    Unclear,
}

/// The two options for one key. A flag of either kind goes before the variables of both.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenKey(pub(super) Option<Key>);

/// The options as clap knows them.
#[derive(Args)]
struct Options {
    /// API key of the caller; rather by environment or file, for arguments are seen by others on the machine
    #[arg(long, global = true, env = "CHANCERY_ADMIN_KEY", value_name = "KEY", hide_env_values = true)]
    admin_key: Option<Secret>,
    /// File with the API key of the caller; a flag of either kind goes before the environment
    #[arg(long, global = true, env = "CHANCERY_ADMIN_KEY_FILE", value_name = "FILE")]
    admin_key_file: Option<PathBuf>,
}

impl Key {
    /// The key itself, read where it lies in a file.
    pub(super) fn read(self) -> Result<Secret, CliError> {
        match self {
            Self::Word(key) => Ok(key),
            Self::File(file) => read(&file),
            Self::Unclear => Err(CliError::Usage(
                "--admin-key and --admin-key-file, or the variables of both, are given at once: leave one out"
                    .to_owned(),
            )),
        }
    }
}

/// The key in a file.
pub(super) fn read(file: &Path) -> Result<Secret, CliError> {
    let text = CliError::reading(file, fs::read_to_string(file))?;
    text.parse().map_err(|rule| CliError::Usage(format!("the key in {} {rule}", file.display())))
}

impl FromArgMatches for GivenKey {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Options { admin_key, admin_key_file } = Options::from_arg_matches(matches)?;
        let by_flag = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        Ok(Self(match (admin_key, admin_key_file) {
            (None, None) => None,
            (Some(key), None) => Some(Key::Word(key)),
            (None, Some(file)) => Some(Key::File(file)),
            (Some(key), Some(file)) => Some(match (by_flag("admin_key"), by_flag("admin_key_file")) {
                (true, false) => Key::Word(key),
                (false, true) => Key::File(file),
                (true, true) | (false, false) => Key::Unclear,
            }),
        }))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for GivenKey {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key that these words give, in the form that it was given in.
    fn given(words: &[&str]) -> Option<Key> {
        let command = GivenKey::augment_args(Command::new("chancery"));
        // The environment belongs to all tests: what it would say is said by a default, which is no flag either.
        let command = command.mut_arg("admin_key_file", |arg| arg.default_value("by-environment"));
        let matches = command.try_get_matches_from(words).expect("well-formed");
        GivenKey::from_arg_matches(&matches).expect("understood").0
    }

    #[test]
    fn a_flag_of_either_kind_goes_before_the_environment() {
        assert!(matches!(given(&["chancery"]), Some(Key::File(file)) if file == Path::new("by-environment")));
        assert!(matches!(given(&["chancery", "--admin-key", "k"]), Some(Key::Word(_))));
        let file = given(&["chancery", "--admin-key-file", "f"]);
        assert!(matches!(file, Some(Key::File(file)) if file == Path::new("f")));
    }

    #[test]
    fn two_keys_by_the_same_means_are_refused() {
        let both = given(&["chancery", "--admin-key", "k", "--admin-key-file", "f"]).expect("given");
        assert!(both.read().expect_err("unclear").to_string().contains("leave one out"));
    }
}
