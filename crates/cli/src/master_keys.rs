//! `chancery master-keys …`

mod status;

use chancery_proto::v1::{ListMasterKeysRequest, PauseRewrapRequest, ResumeRewrapRequest, StartRewrapRequest};
use clap::{Args, Subcommand};

use crate::arguments::{Choice, Once};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::pages;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
To change the master key: make one (`chancery master-key`), add it to every
server's configuration behind the old one, move it to the front everywhere,
re-wrap. The old one may go when it is no longer in use and no backup needs it.

Examples:
  chancery master-keys list
  chancery master-keys rewrap --reason 'yearly change' --validate-only
  chancery master-keys rewrap --reason 'yearly change'
  chancery master-keys status --watch
  chancery master-keys pause
  chancery master-keys resume";

/// What can be done with master keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List those that the server has or that anything is sealed under
    List(List),
    /// Start to move every tenant's key under the first master key of the server
    Rewrap(Rewrap),
    /// Stop the re-wrap until it is resumed
    Pause,
    /// Let a paused re-wrap go on
    Resume,
    /// Show the last re-wrap and how far it is
    Status(status::Status),
}

/// Which master keys to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    choice: Choice,
}

/// A re-wrap to start.
#[derive(Args, Debug)]
pub struct Rewrap {
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    once: Once,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    let mut service = api.master_keys();
    let rewrap = match verb {
        Verb::List(verb) => return verb.run(api, output).await,
        Verb::Status(verb) => return verb.run(api, output).await,
        Verb::Rewrap(Rewrap { reason, once }) => {
            let (request_id, validate_only) = (once.request_id, once.trial.validate_only);
            service.start_rewrap(StartRewrapRequest { reason, request_id, validate_only }).await?
        }
        Verb::Pause => service.pause_rewrap(PauseRewrapRequest::default()).await?,
        Verb::Resume => service.resume_rewrap(ResumeRewrapRequest::default()).await?,
    };
    Ok(output.one(rewrap.get_ref()))
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let keys = pages::all(async |page_token| {
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListMasterKeysRequest { page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.master_keys().list_master_keys(request).await?.into_inner();
            Ok((page.master_keys, page.next_page_token))
        });
        Ok(output.many(&keys.await?))
    }
}
