//! `chancery initial-access-tokens …`

use chancery_proto::v1::{
    CreateInitialAccessTokenRequest, DeleteInitialAccessTokenRequest, InitialAccessToken,
    ListInitialAccessTokensRequest,
};
use clap::{Args, Subcommand};
use prost_types::Duration;

use crate::arguments::{InTenant, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::output::Output;
use crate::{duration, name};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
For tenants whose clients register themselves with a token.

Examples:
  chancery tenants update shop --registration initial-access-token
  chancery initial-access-tokens create shop --uses 20 --ttl 7d \\
      --display-name 'partner onboarding'
  chancery initial-access-tokens list shop
  chancery initial-access-tokens delete shop \\
      0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11";

/// What can be done with initial access tokens.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Create a token, shown this once
    Create(Create),
    /// List tokens, without their text
    List(List),
    /// Remove a token: it is refused from then on
    Delete(Delete),
}

/// A token to create.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    of: InTenant,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    display_name: String,
    /// How long it is accepted (90s, 15m, 12h, 30d): 90 days at most [default: 1d]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ttl: Option<Duration>,
    /// How many clients it can register [default: 1]
    #[arg(long, value_name = "NUMBER")]
    uses: Option<u16>,
    #[command(flatten)]
    trial: Trial,
}

/// Which token to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    of: InTenant,
    /// Id of the token
    initial_access_token: String,
    #[command(flatten)]
    trial: Trial,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListInitialAccessTokensRequest { parent, page_size, page_token, filter, order_by };
                let page = api.initial_access_tokens().list_initial_access_tokens(request).await?.into_inner();
                Ok((page.initial_access_tokens, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl Create {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = CreateInitialAccessTokenRequest {
            parent: name::tenant(&self.of.tenant),
            initial_access_token: Some(InitialAccessToken {
                display_name: self.display_name,
                ..InitialAccessToken::default()
            }),
            ttl: self.ttl,
            uses: self.uses.map(i32::from).unwrap_or_default(),
            validate_only: self.trial.validate_only,
        };
        let created = api.initial_access_tokens().create_initial_access_token(request).await?.into_inner();
        let entry = created.initial_access_token.unwrap_or_default();
        if created.secret.is_empty() {
            return Ok(output.one(&entry));
        }
        Ok(output.one_with(&entry, &[("secret", created.secret.into())]))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = name::child(&self.of.tenant, "initialAccessTokens", &self.initial_access_token)?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteInitialAccessTokenRequest { name, validate_only: self.trial.validate_only };
        api.initial_access_tokens().delete_initial_access_token(request).await?;
        Ok(output.done(&outcome))
    }
}
