//! `chancery audit watch`

use std::time::Duration;

use chancery_proto::v1::{AuditEvent, WatchAuditEventsRequest};
use clap::Args;
use tonic::{Code, Status};

use super::Owner;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::{Output, printable, to_json};

/// How long to wait before a stream that broke is taken up again.
const AGAIN: Duration = Duration::from_secs(1);

/// Which chain to watch.
#[derive(Args, Debug)]
pub struct Watch {
    #[command(flatten)]
    owner: Owner,
    /// Go on behind an answer seen before, by the token that was told with it
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    resume_token: String,
}

impl Watch {
    /// Prints a line for each event; takes the stream up again where it ended.
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut request = WatchAuditEventsRequest { parent: self.owner.parent(), resume_token: self.resume_token };
        loop {
            match follow(&mut request, api, output).await {
                Ok(()) => {}
                Err(Broken::Stream(status))
                    if status.code() == Code::Unavailable && !request.resume_token.is_empty() =>
                {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(Broken::Stream(status)) => return Err(status.into()),
                Err(Broken::Output(error)) => return Err(error),
            }
        }
    }
}

enum Broken {
    Stream(Status),
    Output(CliError),
}

async fn follow(request: &mut WatchAuditEventsRequest, api: &Api, output: Output) -> Result<(), Broken> {
    let answers = api.audit().watch_audit_events(request.clone()).await.map_err(Broken::Stream)?;
    let mut answers = answers.into_inner();
    while let Some(told) = answers.message().await.map_err(Broken::Stream)? {
        request.resume_token = told.resume_token;
        if let Some(event) = told.audit_event {
            crate::print(&line(&event, output)).map_err(Broken::Output)?;
        }
    }
    Ok(())
}

fn line(event: &AuditEvent, output: Output) -> String {
    if output != Output::Table {
        return format!("{}\n", to_json(event));
    }
    let time = event.event_time.map(|at| at.to_string()).unwrap_or_default();
    let words =
        [&event.actor_kind, &event.actor, &event.action, &event.object_kind, &event.object, &event.reason, &event.note];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).map(|word| printable(word)).collect();
    format!("{} {time} {}\n", event.position, words.join(" "))
}
