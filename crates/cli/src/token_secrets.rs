//! `chancery token-secrets …`

use chancery_proto::v1::{
    ActivateTokenSecretRequest, DeleteTokenSecretRequest, GenerateTokenSecretRequest, ListTokenSecretsRequest,
};
use clap::{Args, Subcommand};

use crate::arguments::{InTenant, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::name::{self, TenantId};
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
For access tokens of the form hmac, on the profile oidc. To replace a secret
without an outage: generate another, hand it to every resource server,
activate it, and delete the old one once its last tokens are over.

Examples:
  chancery token-secrets generate shop
  chancery tenants update shop --access-token-format hmac
  chancery token-secrets list shop
  chancery token-secrets activate shop 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11
  chancery token-secrets delete shop 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11";

/// What can be done with token secrets.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Generate a secret, shown this once
    Generate(InTenant),
    /// List secrets, without their text
    List(List),
    /// Let a secret sign in place of the active one, which stays believed
    Activate(Which),
    /// Remove a secret: what it signed is refused
    Delete(Delete),
}

/// A token secret.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the token secret
    token_secret: String,
}

/// Which secret to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    trial: Trial,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::Generate(of) => generate(&of, api, output).await,
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListTokenSecretsRequest { parent, page_size, page_token, filter, order_by };
                let page = api.token_secrets().list_token_secrets(request).await?.into_inner();
                Ok((page.token_secrets, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Activate(which) => {
            let request = ActivateTokenSecretRequest { name: which.name()?, ..Default::default() };
            let active = api.token_secrets().activate_token_secret(request).await?;
            Ok(output.one(active.get_ref()))
        }
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

async fn generate(of: &InTenant, api: &Api, output: Output) -> Result<String, CliError> {
    let request = GenerateTokenSecretRequest { parent: name::tenant(&of.tenant) };
    let generated = api.token_secrets().generate_token_secret(request).await?.into_inner();
    let entry = generated.token_secret.unwrap_or_default();
    Ok(output.one_with(&entry, &[("secret", generated.secret.into())]))
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "tokenSecrets", &self.token_secret)
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.which.name()?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteTokenSecretRequest { name, validate_only: self.trial.validate_only };
        api.token_secrets().delete_token_secret(request).await?;
        Ok(output.done(&outcome))
    }
}
