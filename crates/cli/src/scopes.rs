//! `chancery scopes …`

mod create;
mod update;

use chancery_proto::v1::{DeleteScopeRequest, GetScopeRequest, ListScopesRequest};
use clap::{Args, Subcommand};

use crate::arguments::{Removal, This};
use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::name::{self, TenantId};
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Examples:
  chancery scopes list acme
  chancery scopes create acme reports-read --value reports.read \\
      --description 'Read your reports'
  chancery scopes create acme staff \\
      --claim department --claim employee_number
  chancery scopes update acme reports-read --description 'Read reports'
  chancery scopes delete acme staff";

/// What can be done with scopes.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the scopes of a tenant, built-in ones as well
    List(List),
    /// Show a scope
    Get(Which),
    /// Add a scope
    Create(create::Create),
    /// Change description or claims
    Update(update::Update),
    /// Remove a scope
    Delete(Removal<Which>),
}

/// A scope.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the scope, which its value need not be
    scope: String,
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "scopes", &self.scope)
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListScopesRequest { parent, page_size, page_token, filter, order_by };
                let page = api.scopes().list_scopes(request).await?.into_inner();
                Ok((page.scopes, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Get(which) => {
            let scope = api.scopes().get_scope(GetScopeRequest { name: which.name()? }).await?;
            Ok(output.one(scope.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Update(verb) => verb.run(api, output).await,
        Verb::Delete(Removal { this: This { which, guard }, trial }) => {
            let (name, validate_only) = (which.name()?, trial.validate_only);
            let outcome = trial.outcome("deleted", &name);
            let request = DeleteScopeRequest { name, etag: guard.etag, validate_only };
            api.scopes().delete_scope(request).await?;
            Ok(output.done(&outcome))
        }
    }
}
