//! `chancery approvals …`

use chancery_proto::v1::{ApproveApprovalRequest, GetApprovalRequest, ListApprovalsRequest, RejectApprovalRequest};
use clap::{Args, Subcommand};

use crate::arguments::Choice;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{name, pages};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
A server may be set up so that some calls need a second person: they are
refused with the id of an approval. Somebody else who could make the call looks
at it and approves; then the first makes the very same call again, within the
hour.

Examples:
  chancery approvals list
  chancery approvals get 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery approvals approve 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery approvals reject 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11";

/// What can be done with approvals.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what you asked for and what you could approve
    List(List),
    /// Show an approval with the request that it is for
    Get(Which),
    /// Allow the call, once
    Approve(Approve),
    /// Refuse the call, or take back your own
    Reject(Which),
}

/// Which approvals to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    choice: Choice,
}

/// An approval.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the approval
    approval: String,
}

/// Which call to allow.
#[derive(Args, Debug)]
pub struct Approve {
    #[command(flatten)]
    which: Which,
    /// Refuse unless this is still the request, as told by `get --output json`
    #[arg(long, value_name = "DIGEST", default_value = "", hide_default_value = true)]
    request_digest: String,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(which) => {
            let request = GetApprovalRequest { name: which.name()? };
            Ok(output.one(api.approvals().get_approval(request).await?.get_ref()))
        }
        Verb::Approve(Approve { which, request_digest }) => {
            let request = ApproveApprovalRequest { name: which.name()?, request_digest, ..Default::default() };
            Ok(output.one(api.approvals().approve_approval(request).await?.get_ref()))
        }
        Verb::Reject(which) => {
            let request = RejectApprovalRequest { name: which.name()?, ..Default::default() };
            Ok(output.one(api.approvals().reject_approval(request).await?.get_ref()))
        }
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let approvals = pages::all(async |page_token| {
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListApprovalsRequest { page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.approvals().list_approvals(request).await?.into_inner();
            Ok((page.approvals, page.next_page_token))
        });
        Ok(output.many(&approvals.await?))
    }
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::within("approvals", &self.approval)
    }
}
