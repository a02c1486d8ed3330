//! `chancery api-keys …`

use chancery_proto::v1::{ApiKey, CreateApiKeyRequest, DeleteApiKeyRequest, ListApiKeysRequest};
use clap::{Args, Subcommand};
use prost_types::Duration;

use crate::arguments::{Choice, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::{duration, pages};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
With --tenant a key is good for that tenant alone; without it, for the
platform.

Examples:
  chancery api-keys create --display-name 'night shift' --ttl 30d
  chancery api-keys create --tenant acme --display-name 'Acme pipeline' \\
      --output json
  chancery api-keys create --tenant acme --display-name 'dashboards' \\
      --role tenant.reader
  chancery api-keys create --display-name nightly \\
      --source-range 10.0.0.0/8 --source-range 2001:db8::7
  chancery api-keys list --tenant acme
  chancery api-keys delete 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11 --tenant acme";

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Create a key, shown this once
    Create(Create),
    /// List keys, without their text
    List(List),
    /// Remove a key: it is refused from then on
    Delete(Delete),
}

/// Whose keys they are.
#[derive(Args, Debug)]
pub(crate) struct Owner {
    /// Id of the tenant whose key it is; without it, the platform
    #[arg(long)]
    tenant: Option<TenantId>,
}

/// Which keys to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    owner: Owner,
    #[command(flatten)]
    choice: Choice,
}

/// A key to create.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    owner: Owner,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    display_name: String,
    /// How long it is accepted (90s, 15m, 12h, 30d): 90 days at most, and as long as what it has lasts by default
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ttl: Option<Duration>,
    /// What it may do, such as tenant.reader; may be given more than once [default: platform.owner or tenant.admin]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Address or range that it is accepted from, such as 203.0.113.7 or 10.0.0.0/8; repeatable [default: everywhere]
    #[arg(long = "source-range", value_name = "RANGE")]
    source_ranges: Vec<String>,
}

/// Which key to delete.
#[derive(Args, Debug)]
pub struct Delete {
    /// Id of the key
    api_key: String,
    #[command(flatten)]
    owner: Owner,
    #[command(flatten)]
    trial: Trial,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl Owner {
    /// `tenants/{tenant}`, or empty for the platform.
    fn parent(&self) -> String {
        name::place(self.tenant.as_ref())
    }

    fn key(&self, key: &str) -> Result<String, CliError> {
        name::placed(self.tenant.as_ref(), "apiKeys", key)
    }
}

impl Create {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let api_key =
            ApiKey { display_name: self.display_name, source_ranges: self.source_ranges, ..ApiKey::default() };
        let tenant = self.owner.tenant.as_ref();
        let roles: Result<_, CliError> = self.roles.iter().map(|role| name::role(tenant, role)).collect();
        let request = CreateApiKeyRequest {
            parent: self.owner.parent(),
            api_key: Some(api_key),
            ttl: self.ttl,
            roles: roles?,
            validate_only: false,
        };
        let created = api.api_keys().create_api_key(request).await?.into_inner();
        let entry = created.api_key.unwrap_or_default();
        Ok(output.one_with(&entry, &[("secret", created.secret.into())]))
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let keys = pages::all(async |page_token| {
            let parent = self.owner.parent();
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListApiKeysRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.api_keys().list_api_keys(request).await?.into_inner();
            Ok((page.api_keys, page.next_page_token))
        });
        Ok(output.many(&keys.await?))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.owner.key(&self.api_key)?;
        let outcome = self.trial.outcome("deleted", &name);
        api.api_keys().delete_api_key(DeleteApiKeyRequest { name, validate_only: self.trial.validate_only }).await?;
        Ok(output.done(&outcome))
    }
}
