//! `chancery watch`: changes, a line for each, for as long as somebody reads.

use std::io::{self, Write};
use std::time::Duration;

use chancery_proto::v1::{Change, WatchChangesRequest, WatchChangesResponse, change::Kind};
use clap::Args;
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};

use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::{Output, moment, printable, to_json};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Goes on by itself when the connection is lost, behind the last change that was told. With --output json each line is
one answer of the API with its resumeToken; the first has no change, and comes when nothing more can be missed.

Examples:
  chancery watch
  chancery watch --tenant acme --noun client --noun scope
  chancery watch --tenant acme --output json
  chancery watch --tenant acme --resume TOKEN";

/// How long the server may be silent before the connection counts as lost: it gives a sign every fifteen seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// How long is waited before the first new try; each further one waits twice as long.
const SHORTEST: Duration = Duration::from_millis(200);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// What to watch.
#[derive(Args, Debug)]
pub struct Watch {
    /// Id of the tenant; without it, the platform with all tenants
    #[arg(long)]
    tenant: Option<String>,
    /// Go on behind the answer with this resume token
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    resume: String,
    /// Tell of these alone: tenant, client, scope, user, key, …; may be repeated
    #[arg(long, value_name = "NOUN")]
    noun: Vec<String>,
}

/// Why one connection ended.
enum Ended {
    /// Whoever reads our lines has gone.
    Unheard,
    /// As streams do; or the way to the server is lost.
    Again(Option<Box<Status>>),
    /// The server says no.
    Refused(Box<Status>),
}

impl Watch {
    /// Tells changes until nobody reads them, or the server refuses.
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let parent = name::place(self.tenant.as_deref());
        let mut request = WatchChangesRequest { parent, resume_token: self.resume, nouns: self.noun };
        let mut wait = SHORTEST;
        let mut begun = false;
        loop {
            let mut heard = false;
            match follow(api, output, &mut request, &mut heard, !begun).await {
                Ended::Unheard => return Ok(String::new()),
                Ended::Refused(status) => return Err(status.into_error()),
                Ended::Again(Some(status)) if !begun && !heard => return Err(status.into_error()),
                Ended::Again(status) => {
                    if let Some(status) = status {
                        // Nobody may be looking.
                        let _ = writeln!(io::stderr(), "lost: {}; going on", printable(status.message()));
                    }
                }
            }
            begun |= heard;
            wait = if heard { SHORTEST } else { (wait * 2).min(LONGEST) };
            sleep(wait).await;
        }
    }
}

/// A status as a failure of the command.
trait IntoError {
    fn into_error(self) -> CliError;
}

impl IntoError for Box<Status> {
    fn into_error(self) -> CliError {
        CliError::Refused(self)
    }
}

/// One connection to its end; `request` moves on with each answer.
async fn follow(
    api: &Api,
    output: Output,
    request: &mut WatchChangesRequest,
    heard: &mut bool,
    mut first: bool,
) -> Ended {
    let mut answers = match api.watch().watch_changes(request.clone()).await {
        Ok(answers) => answers.into_inner(),
        Err(status) => return ended(status),
    };
    loop {
        let answer = match timeout(SILENCE, answers.message()).await {
            Ok(Ok(Some(answer))) => answer,
            Ok(Ok(None)) => return Ended::Again(None),
            Ok(Err(status)) => return ended(status),
            Err(_) => return Ended::Again(Some(Box::new(Status::unavailable("the server is silent")))),
        };
        *heard = true;
        let shown = line(&answer, output, std::mem::take(&mut first));
        request.resume_token.clone_from(&answer.resume_token);
        if let Some(line) = shown
            && writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush()).is_err()
        {
            return Ended::Unheard;
        }
    }
}

/// Whether it is worth while to come again.
fn ended(status: Status) -> Ended {
    match status.code() {
        Code::Unavailable
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Internal
        | Code::Aborted => Ended::Again(Some(Box::new(status))),
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => Ended::Refused(Box::new(status)),
    }
}

/// How an answer is shown; signs of life are not, but for the first.
fn line(answer: &WatchChangesResponse, output: Output, first: bool) -> Option<String> {
    if output == Output::Table {
        return answer.change.as_ref().map(for_people);
    }
    (first || answer.change.is_some()).then(|| to_json(answer).to_string())
}

fn for_people(change: &Change) -> String {
    let kind = match change.kind() {
        Kind::Unspecified => "changed",
        Kind::Created => "created",
        Kind::Updated => "updated",
        Kind::Deleted => "deleted",
    };
    let at = change.change_time.as_ref().map(moment).unwrap_or_default();
    let thing = if change.name.is_empty() {
        format!("{} {}", change.resource_type.trim_start_matches("chancery.admin/"), change.uid)
    } else {
        change.name.clone()
    };
    format!("{at}  {kind}  {}", printable(&thing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> WatchChangesResponse {
        let change = Change {
            name: "tenants/acme/clients/web".to_owned(),
            resource_type: "chancery.admin/Client".to_owned(),
            kind: Kind::Created.into(),
            change_time: Some(prost_types::Timestamp { seconds: 1_772_366_400, nanos: 0 }),
            ..Change::default()
        };
        WatchChangesResponse { change: Some(change), resume_token: "t".to_owned(), ending: false }
    }

    #[test]
    fn a_change_is_a_line() {
        let shown = line(&told(), Output::Table, false).expect("a line");
        assert_eq!(shown, "2026-03-01T12:00:00Z  created  tenants/acme/clients/web");
        let shown: serde_json::Value =
            serde_json::from_str(&line(&told(), Output::Json, false).expect("a line")).expect("json");
        assert_eq!(shown["change"]["kind"], "KIND_CREATED");
        assert_eq!(shown["resumeToken"], "t");
    }

    #[test]
    fn a_sign_of_life_is_shown_to_scripts_once() {
        let sign = WatchChangesResponse { resume_token: "t".to_owned(), ..Default::default() };
        assert!(line(&sign, Output::Table, true).is_none() && line(&sign, Output::Json, false).is_none());
        assert!(line(&sign, Output::Json, true).is_some());
    }

    #[test]
    fn what_nobody_is_named_by_is_told_by_its_id() {
        let change =
            Change { resource_type: "chancery.admin/Grant".to_owned(), uid: "7".to_owned(), ..Change::default() };
        assert_eq!(for_people(&change), "  changed  Grant 7");
    }
}
