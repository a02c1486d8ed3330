//! Going on looking: the same command again, shown whenever its answer has changed. The server tells when to look.

use std::io::{self, IsTerminal};
use std::time::Duration;

use chancery_proto::v1::WatchChangesRequest;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::connection::{Api, Connection};
use crate::error::CliError;
use crate::feed::Feed;
use crate::output::{Output, printable};
use crate::sight::Sight;
use crate::{AdminCommand, answer, login, print};

/// How long nothing more may be told before what was told is looked at: many changes that come together are one.
const QUIET: Duration = Duration::from_millis(100);
/// The longest that a change waits for others.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to wait when the server is away.
const AWAY: Duration = Duration::from_secs(2);

/// Carries a command out, and again whenever the server tells that something of its kind has changed, and prints its
/// answer whenever it is another; until nobody reads, the server refuses, or somebody presses Ctrl-C, which is no failure.
/// A server that is away for a while is waited for, once it was there. A command is used up when it is carried out, so
/// `command` gives it anew.
pub async fn follow(
    command: impl Fn() -> Option<AdminCommand>,
    sight: Sight,
    connection: &Connection,
    output: Output,
) -> Result<(), CliError> {
    let terminal = output == Output::Table && io::stdout().is_terminal();
    let now = Instant::now();
    let screen = Screen {
        command,
        output,
        terminal,
        beside: sight.beside,
        shown: None,
        due: Some(now),
        since: now,
        looked: now,
    };
    tokio::select! {
        done = look_on(screen, sight.told, connection) => done,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Looks on; what a person signed in for is renewed when it is over.
async fn look_on<C: Fn() -> Option<AdminCommand>>(
    mut screen: Screen<C>,
    mut told: Option<WatchChangesRequest>,
    connection: &Connection,
) -> Result<(), CliError> {
    loop {
        let opened = Instant::now();
        login::fresh(connection).await?;
        let api = connection.open()?;
        let done = match &mut told {
            Some(request) => screen.told(&api, request).await,
            None => screen.untold(&api).await,
        };
        match done {
            Err(CliError::Refused(status))
                if status.code() == Code::Unauthenticated && screen.shown.is_some() && opened.elapsed() > AWAY => {}
            // Who may look and may not be told looks every now and then. Who may do neither is refused by that.
            Err(CliError::Refused(status)) if status.code() == Code::PermissionDenied && told.is_some() => told = None,
            done => return done,
        }
    }
}

/// What was shown, and when to look again.
struct Screen<C> {
    command: C,
    output: Output,
    terminal: bool,
    /// When to look though nothing was told.
    beside: Option<Duration>,
    shown: Option<String>,
    /// When to look at what was told; nothing while all is as it was shown.
    due: Option<Instant>,
    /// Since when there is something to look at.
    since: Instant,
    looked: Instant,
}

impl<C: Fn() -> Option<AdminCommand>> Screen<C> {
    /// Looks whenever the server tells of a change.
    async fn told(&mut self, api: &Api, request: &mut WatchChangesRequest) -> Result<(), CliError> {
        loop {
            let feed = Feed::new(api, &mut *request, self.shown.is_some());
            match self.behind(feed, api).await {
                // What was told since is not known any more: all is looked at anew.
                Err(CliError::Refused(status)) if is_lost(&status) && !request.resume_token.is_empty() => {
                    request.resume_token.clear();
                    self.stir();
                }
                done => return done,
            }
        }
    }

    async fn behind(&mut self, mut feed: Feed<'_, WatchChangesRequest>, api: &Api) -> Result<(), CliError> {
        // What comes after an answer of the feed cannot be missed.
        if feed.next().await?.change.is_some() {
            self.stir();
        }
        loop {
            let beside = self.beside.map(|beside| self.looked + beside);
            let told = match [self.due, beside].into_iter().flatten().min() {
                Some(due) if due <= Instant::now() => None,
                Some(due) => timeout_at(due, feed.next()).await.ok(),
                None => Some(feed.next().await),
            };
            match told.transpose()? {
                Some(answer) if answer.change.is_some() => self.stir(),
                Some(_) => {}
                None if self.look(api).await? => {}
                None => return Ok(()),
            }
        }
    }

    /// There is something to look at, once nothing more is told, or soon.
    fn stir(&mut self) {
        let now = Instant::now();
        if self.due.is_none() {
            self.since = now;
        }
        self.due = Some((now + QUIET).min(self.since + PATIENCE));
    }

    /// Looks every now and then.
    async fn untold(&mut self, api: &Api) -> Result<(), CliError> {
        while self.look(api).await? {
            sleep(self.beside.unwrap_or(AWAY)).await;
        }
        Ok(())
    }

    /// One look; `false` when nobody reads any more. Where the server is away, it is worth to look again.
    async fn look(&mut self, api: &Api) -> Result<bool, CliError> {
        let Some(command) = (self.command)() else { return Ok(false) };
        // What is told meanwhile is looked at once more.
        (self.due, self.looked) = (None, Instant::now());
        match Box::pin(answer(command, api, self.output)).await {
            Err(CliError::Refused(status)) if self.shown.is_some() && passes(&status) => {
                eprintln!("{}; looking again", printable(status.message()));
                self.due = Some(Instant::now() + AWAY);
                Ok(true)
            }
            text => self.show(text?),
        }
    }

    fn show(&mut self, text: String) -> Result<bool, CliError> {
        let Some(frame) = frame(self.shown.as_deref(), &text, self.output, self.terminal) else { return Ok(true) };
        self.shown = Some(text);
        print(&frame)
    }
}

/// Whether the server does not know any more what was told since.
fn is_lost(status: &Status) -> bool {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    matches!(reason, Some("WATCH_POSITION_TOO_OLD" | "RESUME_TOKEN_INVALID"))
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
