//! `chancery audit …`

mod export;
mod verify;
mod watch;

use chancery_proto::v1::{AuditKey, CreateAuditCheckpointRequest, ListAuditEventsRequest, ListAuditKeysRequest};
use clap::{Args, Subcommand};
use prost_types::Timestamp;

use crate::arguments::Choice;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::{moment, pages};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
With --tenant the chain of that tenant; without it, that of the platform. An
export can be checked without the server. Keep the keys and a checkpoint now
and then where nobody of this deployment can write.

Examples:
  chancery audit list --tenant acme --since 2026-03-01T00:00:00Z
  chancery audit list --filter 'action = delete' --order-by 'event_time desc'
  chancery audit watch --tenant acme --output json
  chancery audit keys --jwks
  chancery audit export --tenant acme --file acme.jsonl
  chancery audit verify acme.jsonl --keys keys.json
  chancery audit export --tenant acme --after-position 1200 \\
      --file later.jsonl
  chancery audit verify later.jsonl --keys keys.json \\
      --after checkpoint.json
  chancery audit checkpoint --tenant acme --line";

/// What can be done with the audit.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List events, oldest first
    List(List),
    /// Show events as they come, until interrupted
    Watch(watch::Watch),
    /// Write a chain as JSON Lines, signed
    Export(export::Export),
    /// Check an export, without asking a server; ends with code 1 and names the first thing that is wrong
    Verify(verify::Verify),
    /// Sign now how far a chain has come
    Checkpoint(Checkpoint),
    /// List the public keys that verify checkpoints
    Keys(Keys),
}

/// Whose chain it is.
#[derive(Args, Debug)]
pub(crate) struct Owner {
    /// Id of the tenant whose chain it is; without it, the platform
    #[arg(long)]
    tenant: Option<TenantId>,
}

impl Owner {
    fn parent(&self) -> String {
        name::place(self.tenant.as_ref())
    }
}

/// Which events to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    owner: Owner,
    /// Only what happened at that time or later, such as 2026-03-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    since: Option<Timestamp>,
    /// Only what happened before that time
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    until: Option<Timestamp>,
    #[command(flatten)]
    choice: Choice,
}

/// Which chain to sign.
#[derive(Args, Debug)]
pub struct Checkpoint {
    #[command(flatten)]
    owner: Owner,
    /// Print the line alone that `verify --after` and `--until` take
    #[arg(long)]
    line: bool,
}

/// How to show the keys.
#[derive(Args, Debug)]
pub struct Keys {
    #[command(flatten)]
    owner: Owner,
    /// Print the JSON Web Key Set that `verify --keys` takes
    #[arg(long)]
    jwks: bool,
    #[command(flatten)]
    choice: Choice,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Watch(verb) => verb.run(api, output).await,
        Verb::Export(verb) => verb.run(api).await,
        Verb::Verify(verb) => verb.run(output),
        Verb::Checkpoint(verb) => verb.run(api, output).await,
        Verb::Keys(verb) => verb.run(api, output).await,
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let events = pages::all(async |page_token| {
            let parent = self.owner.parent();
            let (start_time, end_time) = (self.since, self.until);
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListAuditEventsRequest {
                parent,
                page_size: pages::SIZE,
                page_token,
                start_time,
                end_time,
                filter,
                order_by,
            };
            let page = api.audit().list_audit_events(request).await?.into_inner();
            Ok((page.audit_events, page.next_page_token))
        });
        Ok(output.many(&events.await?))
    }
}

impl Checkpoint {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = CreateAuditCheckpointRequest { parent: self.owner.parent() };
        let signed = api.audit().create_audit_checkpoint(request).await?.into_inner();
        Ok(if self.line { format!("{}\n", signed.line) } else { output.one(&signed) })
    }
}

impl Keys {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let keys = pages::all(async |page_token| {
            let parent = self.owner.parent();
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListAuditKeysRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.audit().list_audit_keys(request).await?.into_inner();
            Ok((page.audit_keys, page.next_page_token))
        });
        let keys = keys.await?;
        Ok(if self.jwks { jwks(&keys) } else { output.many(&keys) })
    }
}

/// The keys that the server vouches for. Those of a master key that it no longer has are in sets from before.
fn jwks(keys: &[AuditKey]) -> String {
    let keys: Vec<_> = keys.iter().filter(|key| key.genuine).map(|key| key.jwk.as_str()).collect();
    format!("{{\"keys\":[{}]}}\n", keys.join(","))
}
