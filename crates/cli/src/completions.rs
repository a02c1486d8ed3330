//! Completions of the command line for shells.

use clap::{Arg, Command};
use clap_complete::Shell;

/// Where the script for bash learns the word before the one that is completed.
const BASH_WORD_BEFORE: &str = "    prev=\"$3\"\n";

/// What follows there: bash takes `--kind=web` for three words.
const BASH_OPTION_BEFORE: &str = "    [[ \"${cur}\" == \"=\" ]] && cur=\"\"
    [[ \"${prev}\" == \"=\" ]] && prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n";

/// The script for a shell, to be sourced from its start-up file.
pub(crate) fn script(shell: Shell, mut command: Command) -> String {
    let mut script = Vec::new();
    if shell == Shell::Bash {
        clap_complete::generate(shell, &mut verbs_first(command), "chancery", &mut script);
        let script = String::from_utf8_lossy(&script);
        return script.replacen(BASH_WORD_BEFORE, &format!("{BASH_WORD_BEFORE}{BASH_OPTION_BEFORE}"), 1);
    }
    clap_complete::generate(shell, &mut command, "chancery", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The same command line with the options of every command behind its verbs alone: bash proposes whatever can come next,
/// and behind a noun that is a verb.
fn verbs_first(command: Command) -> Command {
    let everywhere = command.get_arguments().filter(|arg| arg.is_global_set());
    let everywhere: Vec<Arg> = everywhere.map(|arg| arg.clone().global(false)).collect();
    command.mut_args(|arg| arg.global(false)).mut_subcommands(|noun| behind_verbs(noun, &everywhere))
}

fn behind_verbs(command: Command, options: &[Arg]) -> Command {
    if command.has_subcommands() {
        let noun = command.disable_help_flag(true).disable_version_flag(true);
        noun.mut_subcommands(|verb| behind_verbs(verb, options))
    } else {
        command.args(options)
    }
}
