//! `chancery audit watch`

use chancery_proto::v1::{AuditEvent, WatchAuditEventsRequest};
use clap::Args;

use super::Owner;
use crate::connection::Api;
use crate::error::CliError;
use crate::feed::Feed;
use crate::output::{Output, printable, to_json};

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
    /// Prints a line for each event until nobody reads them, or the server refuses.
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut request = WatchAuditEventsRequest { parent: self.owner.parent(), resume_token: self.resume_token };
        let mut feed = Feed::new(api, &mut request, false);
        loop {
            if let Some(event) = feed.next().await?.audit_event
                && !crate::print(&line(&event, output))?
            {
                return Ok(String::new());
            }
        }
    }
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
