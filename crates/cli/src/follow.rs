//! Going on looking: the same command again and again, shown whenever its answer has changed.

use std::io::{self, IsTerminal};
use std::time::Duration;

use tonic::{Code, Status};

use crate::connection::{Api, Connection};
use crate::error::CliError;
use crate::output::{Output, printable};
use crate::{AdminCommand, answer, login, print};

/// How long to wait between looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Carries a command out again and again and prints its answer whenever it has changed, until nobody reads or the server
/// refuses. A server that is away for a while is waited for, once it was there. A command is used up when it is carried
/// out, so `command` gives it anew.
pub async fn follow(
    command: impl Fn() -> Option<AdminCommand>,
    connection: &Connection,
    output: Output,
) -> Result<(), CliError> {
    login::fresh(connection).await?;
    let api = connection.open()?;
    let terminal = output == Output::Table && io::stdout().is_terminal();
    let mut shown = None;
    while let Some(command) = command() {
        if let Some(text) = look(command, &api, output, shown.is_some()).await?
            && let Some(frame) = frame(shown.as_deref(), &text, output, terminal)
        {
            if !print(&frame)? {
                return Ok(());
            }
            shown = Some(text);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// One look; nothing where it is worth to look again.
async fn look(command: AdminCommand, api: &Api, output: Output, patient: bool) -> Result<Option<String>, CliError> {
    match answer(command, api, output).await {
        Err(CliError::Refused(status)) if patient && passes(&status) => {
            eprintln!("{}; looking again", printable(status.message()));
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

/// Whether the refusal may be gone by itself.
fn passes(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled)
}

/// What to print for an answer: nothing while it is as it was. A terminal is wiped; elsewhere answers follow one another,
/// apart as their form has it.
fn frame(shown: Option<&str>, text: &str, output: Output, terminal: bool) -> Option<String> {
    if shown == Some(text) {
        return None;
    }
    let between = match output {
        _ if terminal => "\u{1b}[H\u{1b}[2J\u{1b}[3J",
        Output::Yaml => "---\n",
        Output::Table if shown.is_some() => "\n",
        Output::Table | Output::Json => "",
    };
    Some(format!("{between}{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_changed_is_not_shown_again() {
        assert_eq!(frame(Some("a\n"), "a\n", Output::Json, false), None);
        assert_eq!(frame(Some("a\n"), "b\n", Output::Json, false).as_deref(), Some("b\n"));
    }

    #[test]
    fn answers_can_be_told_apart() {
        assert_eq!(frame(None, "a\n", Output::Table, false).as_deref(), Some("a\n"));
        assert_eq!(frame(Some("a\n"), "b\n", Output::Table, false).as_deref(), Some("\nb\n"));
        assert_eq!(frame(None, "a: 1\n", Output::Yaml, false).as_deref(), Some("---\na: 1\n"));
        assert!(frame(None, "a\n", Output::Table, true).expect("shown").starts_with("\u{1b}[H"));
    }

    #[test]
    fn only_what_passes_is_waited_for() {
        assert!(passes(&Status::unavailable("away")));
        assert!(!passes(&Status::permission_denied("no")));
    }
}
