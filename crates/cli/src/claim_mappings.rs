//! `chancery claim-mappings …`

mod create;
mod fields;
mod update;

use chancery_proto::v1::{DeleteClaimMappingRequest, GetClaimMappingRequest, ListClaimMappingsRequest};
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
  chancery claim-mappings list acme
  chancery claim-mappings create acme unit --claim unit \\
      --user-claim /department/name --target access-token
  chancery claim-mappings create acme region --claim region \\
      --constant eu --target id-token --target userinfo
  chancery claim-mappings create acme roles --claim roles \\
      --constant-json '[\"reader\"]' --target access-token \\
      --scope reports.read --client web
  chancery claim-mappings update acme region --constant us
  chancery claim-mappings delete acme region";

/// What can be done with claim mappings.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the claim mappings of a tenant
    List(List),
    /// Show a claim mapping
    Get(Which),
    /// Add a claim mapping
    Create(create::Create),
    /// Change a claim mapping
    Update(update::Update),
    /// Remove a claim mapping
    Delete(Removal<Which>),
}

/// A claim mapping.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the claim mapping
    mapping: String,
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "claimMappings", &self.mapping)
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListClaimMappingsRequest { parent, page_size, page_token, filter, order_by };
                let page = api.claim_mappings().list_claim_mappings(request).await?.into_inner();
                Ok((page.claim_mappings, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Get(which) => {
            let request = GetClaimMappingRequest { name: which.name()? };
            let mapping = api.claim_mappings().get_claim_mapping(request).await?;
            Ok(output.one(mapping.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Update(verb) => verb.run(api, output).await,
        Verb::Delete(Removal { this: This { which, guard }, trial }) => {
            let (name, validate_only) = (which.name()?, trial.validate_only);
            let outcome = trial.outcome("deleted", &name);
            let request = DeleteClaimMappingRequest { name, etag: guard.etag, validate_only };
            api.claim_mappings().delete_claim_mapping(request).await?;
            Ok(output.done(&outcome))
        }
    }
}
