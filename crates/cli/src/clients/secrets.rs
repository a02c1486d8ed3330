//! `chancery clients secrets …`

use chancery_proto::v1::{DeleteClientSecretRequest, GenerateClientSecretRequest, ListClientSecretsRequest};
use clap::{Args, Subcommand};
use prost_types::Duration;

use super::Which;
use crate::arguments::{Choice, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{duration, name, pages};

/// What can be done with secrets of clients.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the secrets of a client, without their text
    List(List),
    /// Add a secret, shown this once
    Generate(Generate),
    /// Remove a secret: it is refused from then on
    Delete(Delete),
}

/// Which secrets to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: Which,
    #[command(flatten)]
    choice: Choice,
}

/// Which client to generate a secret for.
#[derive(Args, Debug)]
pub struct Generate {
    #[command(flatten)]
    of: Which,
    /// How long it is accepted (90s, 15m, 12h, 30d); without it, until it is deleted
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ttl: Option<Duration>,
}

/// Which secret to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    of: Which,
    /// Id of the secret
    secret: String,
    #[command(flatten)]
    trial: Trial,
}

pub(super) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Generate(verb) => verb.run(api, output).await,
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let of = self.of.name()?;
        let secrets = pages::all(async |page_token| {
            let parent = of.clone();
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListClientSecretsRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.clients().list_client_secrets(request).await?.into_inner();
            Ok((page.client_secrets, page.next_page_token))
        });
        Ok(output.many(&secrets.await?))
    }
}

impl Generate {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = GenerateClientSecretRequest { parent: self.of.name()?, ttl: self.ttl };
        let generated = api.clients().generate_client_secret(request).await?.into_inner();
        let entry = generated.client_secret.unwrap_or_default();
        Ok(output.one_with(&entry, &[("secret", generated.secret.into())]))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = name::within(&format!("{}/secrets", self.of.name()?), &self.secret)?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteClientSecretRequest { name, validate_only: self.trial.validate_only };
        api.clients().delete_client_secret(request).await?;
        Ok(output.done(&outcome))
    }
}
