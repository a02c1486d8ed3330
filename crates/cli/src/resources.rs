//! `chancery resources …`

mod create;
mod fields;
mod update;

use chancery_proto::v1::{DeleteResourceRequest, GetResourceRequest, ListResourcesRequest};
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
  chancery resources list acme
  chancery resources create acme reports --scope reports.read \\
      --identifier https://reports.example
  chancery resources update acme reports --access-token-ttl 5m \\
      --signing-algorithm ES256
  chancery resources update acme reports --clear access_token_ttl
  chancery resources delete acme reports";

/// What can be done with resources.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the resources of a tenant
    List(List),
    /// Show a resource
    Get(Which),
    /// Add a resource
    Create(create::Create),
    /// Change anything but the identifier
    Update(update::Update),
    /// Remove a resource; its scopes stay
    Delete(Removal<Which>),
}

/// A resource.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the resource
    resource: String,
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "resources", &self.resource)
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListResourcesRequest { parent, page_size, page_token, filter, order_by };
                let page = api.resources().list_resources(request).await?.into_inner();
                Ok((page.resources, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Get(which) => {
            let resource = api.resources().get_resource(GetResourceRequest { name: which.name()? }).await?;
            Ok(output.one(resource.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Update(verb) => verb.run(api, output).await,
        Verb::Delete(Removal { this: This { which, guard }, trial }) => {
            let (name, validate_only) = (which.name()?, trial.validate_only);
            let outcome = trial.outcome("deleted", &name);
            let request = DeleteResourceRequest { name, etag: guard.etag, validate_only };
            api.resources().delete_resource(request).await?;
            Ok(output.done(&outcome))
        }
    }
}
