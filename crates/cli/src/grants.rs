//! `chancery grants …`

mod list;
mod revoke;

use chancery_proto::v1::{GetGrantRequest, RevokeTokenRequest};
use clap::{Args, Subcommand};

use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::users::which;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Examples:
  chancery grants list acme --user alice --state live
  chancery grants list acme --client web
  chancery grants get acme 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery grants revoke acme 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery grants revoke acme --client web --validate-only
  chancery grants revoke-token acme g.AZLwwX0-fFqaQ1sfD2stEQ.AAECAwQFBgcICQoL";

/// What can be done with grants.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the grants of a tenant
    List(list::List),
    /// Show a grant
    Get(Which),
    /// Take a grant back, or all of a user, a client or a session
    Revoke(revoke::Revoke),
    /// Take one access token back, found by its `jti`
    RevokeToken(RevokeToken),
}

/// A grant.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the grant
    grant: String,
}

/// Which token to take back.
#[derive(Args, Debug)]
pub struct RevokeToken {
    /// Id of the tenant
    tenant: TenantId,
    /// The `jti` of the token
    token_id: String,
    #[command(flatten)]
    once: Once,
}

/// Whose grants.
#[derive(Args, Debug)]
pub(crate) struct Of {
    /// Given by this user: id, username or e-mail address
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Given to this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Given in this session
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
}

impl Of {
    /// The names of user, client and session; nothing for what is not given.
    async fn names(&self, tenant: &TenantId, api: &Api) -> Result<(String, String, String), CliError> {
        let child = |collection, id: &Option<String>| match id {
            Some(id) => name::child(tenant, collection, id),
            None => Ok(String::new()),
        };
        let user = which::name_of_any(tenant, self.user.as_deref(), api).await?;
        Ok((user, child("clients", &self.client)?, child("sessions", &self.session)?))
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(Which { tenant, grant }) => {
            let request = GetGrantRequest { name: name::child(&tenant, "grants", &grant)? };
            Ok(output.one(api.grants().get_grant(request).await?.get_ref()))
        }
        Verb::Revoke(verb) => verb.run(api, output).await,
        Verb::RevokeToken(RevokeToken { tenant, token_id, once }) => {
            let (parent, validate_only) = (name::tenant(&tenant), once.trial.validate_only);
            let request = RevokeTokenRequest { parent, token_id, request_id: once.request_id, validate_only };
            Ok(output.one(api.grants().revoke_token(request).await?.get_ref()))
        }
    }
}
