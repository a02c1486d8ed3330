//! `chancery trusted-issuers …`

mod create;
mod fields;
mod update;

use chancery_proto::v1::{DeleteTrustedIssuerRequest, GetTrustedIssuerRequest, ListTrustedIssuersRequest};
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
  chancery trusted-issuers list acme
  chancery trusted-issuers create acme ci --issuer https://ci.example \\
      --jwks-uri https://ci.example/jwks --algorithm RS256 \\
      --subject-mapping client --subject repo:acme/shop \\
      --client report --scope reports.read
  chancery trusted-issuers update acme ci --disabled
  chancery trusted-issuers delete acme ci";

/// What can be done with trusted issuers.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the trusted issuers of a tenant
    List(List),
    /// Show a trusted issuer
    Get(Which),
    /// Add a trusted issuer
    Create(create::Create),
    /// Change anything but the issuer
    Update(update::Update),
    /// Remove a trusted issuer; what was given for its assertions stays
    Delete(Removal<Which>),
}

/// A trusted issuer.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the trusted issuer
    trusted_issuer: String,
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "trustedIssuers", &self.trusted_issuer)
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListTrustedIssuersRequest { parent, page_size, page_token, filter, order_by };
                let page = api.trusted_issuers().list_trusted_issuers(request).await?.into_inner();
                Ok((page.trusted_issuers, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Get(which) => {
            let issuer =
                api.trusted_issuers().get_trusted_issuer(GetTrustedIssuerRequest { name: which.name()? }).await?;
            Ok(output.one(issuer.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Update(verb) => verb.run(api, output).await,
        Verb::Delete(Removal { this: This { which, guard }, trial }) => {
            let (name, validate_only) = (which.name()?, trial.validate_only);
            let outcome = trial.outcome("deleted", &name);
            let request = DeleteTrustedIssuerRequest { name, etag: guard.etag, validate_only };
            api.trusted_issuers().delete_trusted_issuer(request).await?;
            Ok(output.done(&outcome))
        }
    }
}
