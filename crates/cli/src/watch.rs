//! `chancery watch`: changes, a line for each, for as long as somebody reads.

use std::io::{self, Write};

use chancery_proto::v1::{Change, WatchChangesRequest, WatchChangesResponse, change::Kind};
use clap::Args;

use crate::connection::Api;
use crate::error::CliError;
use crate::feed::Feed;
use crate::moment;
use crate::name::{self, TenantId};
use crate::output::{Output, printable, to_json};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Goes on by itself when the connection is lost, behind the last change that was
told. With --output json each line is one answer of the API with its
resumeToken; the first has no change, and comes when nothing more can be
missed.

Examples:
  chancery watch
  chancery watch --tenant acme --noun client --noun scope
  chancery watch --tenant acme --output json
  chancery watch --tenant acme --resume TOKEN";

/// What to watch.
#[derive(Args, Debug)]
pub struct Watch {
    /// Id of the tenant; without it, the platform with all tenants
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Go on behind the answer with this resume token
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    resume: String,
    /// Tell of these alone: tenant, client, scope, user, key, …; may be repeated
    #[arg(long, value_name = "NOUN")]
    noun: Vec<String>,
}

impl Watch {
    /// Tells changes until nobody reads them, or the server refuses.
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let parent = name::place(self.tenant.as_ref());
        let mut request = WatchChangesRequest { parent, resume_token: self.resume, nouns: self.noun };
        let mut feed = Feed::new(api, &mut request, false);
        let mut first = true;
        loop {
            let shown = line(&feed.next().await?, output, std::mem::take(&mut first));
            if let Some(line) = shown
                && writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush()).is_err()
            {
                return Ok(String::new());
            }
        }
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
    let at = change.change_time.as_ref().map(moment::for_json).unwrap_or_default();
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
