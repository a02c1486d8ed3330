//! `chancery sessions …`

use chancery_proto::v1::{
    GetSessionRequest, ListSessionsRequest, RevokeSessionRequest, RevokeSessionResponse, RevokeSessionsRequest,
};
use clap::{Args, Subcommand};

use crate::arguments::{Choice, Once};
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::pages;
use crate::users::which;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Ending a session takes back what was given in it, offline access too.

Examples:
  chancery sessions list acme
  chancery sessions list acme --user alice
  chancery sessions get acme 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery sessions revoke acme 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery sessions revoke acme --user alice@acme.example --validate-only";

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the sessions of a tenant, or of one user
    List(List),
    /// Show a session
    Get(Which),
    /// End a session, or all of a user
    Revoke(Revoke),
}

/// Whose sessions to list.
#[derive(Args, Debug)]
pub struct List {
    /// Id of the tenant
    tenant: TenantId,
    /// Only those of this user: id, username or e-mail address
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    choice: Choice,
}

/// A session.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the session
    session: String,
}

/// What to end.
#[derive(Args, Debug)]
pub struct Revoke {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the session
    #[arg(required_unless_present = "user", conflicts_with = "user")]
    session: Option<String>,
    /// All sessions of this user: id, username or e-mail address
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    once: Once,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(Which { tenant, session }) => {
            let request = GetSessionRequest { name: name::child(&tenant, "sessions", &session)? };
            Ok(output.one(api.sessions().get_session(request).await?.get_ref()))
        }
        Verb::Revoke(verb) => verb.run(api, output).await,
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let user = which::name_of_any(&self.tenant, self.user.as_deref(), api).await?;
        let sessions = pages::all(async |page_token| {
            let (parent, user) = (name::tenant(&self.tenant), user.clone());
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListSessionsRequest { parent, page_size: pages::SIZE, page_token, user, filter, order_by };
            let page = api.sessions().list_sessions(request).await?.into_inner();
            Ok((page.sessions, page.next_page_token))
        });
        Ok(output.many(&sessions.await?))
    }
}

impl Revoke {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let Once { request_id, trial } = self.once;
        let validate_only = trial.validate_only;
        let Some(session) = self.session else {
            let user = which::name_of_any(&self.tenant, self.user.as_deref(), api).await?;
            let request = RevokeSessionsRequest { parent: name::tenant(&self.tenant), user, request_id, validate_only };
            return Ok(output.one(api.sessions().revoke_sessions(request).await?.get_ref()));
        };
        let name = name::child(&self.tenant, "sessions", &session)?;
        let request = RevokeSessionRequest { name, request_id, validate_only };
        let answer = api.sessions().revoke_session(request).await?.into_inner();
        let RevokeSessionResponse { session, revoked_grant_count } = answer;
        let beside = [("revokedGrantCount", revoked_grant_count.to_string().into())];
        Ok(output.one_with(&session.unwrap_or_default(), &beside))
    }
}
