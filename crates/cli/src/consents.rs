//! `chancery consents …`

use chancery_proto::v1::{GetConsentRequest, ListConsentsRequest, RevokeConsentRequest};
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
Taking a consent back takes back every grant between the two, and the user is
asked next time.

Examples:
  chancery consents list acme --user alice
  chancery consents list acme --client web
  chancery consents get acme alice web
  chancery consents revoke acme alice web";

/// What can be done with consents.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List consents of a user, to a client, or of the whole tenant
    List(List),
    /// Show what a user has allowed a client
    Get(Which),
    /// Forget what a user has allowed a client
    Revoke(Revoke),
}

/// Which consents to list.
#[derive(Args, Debug)]
pub struct List {
    /// Id of the tenant
    tenant: TenantId,
    /// Only those of this user: id, username or e-mail address
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only those to this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    #[command(flatten)]
    choice: Choice,
}

/// A consent.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id, username or e-mail address of the user
    user: String,
    /// Id of the client
    client: String,
}

/// Which consent to take back.
#[derive(Args, Debug)]
pub struct Revoke {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    once: Once,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(which) => {
            let request = GetConsentRequest { name: which.name(api).await? };
            Ok(output.one(api.consents().get_consent(request).await?.get_ref()))
        }
        Verb::Revoke(Revoke { which, once }) => {
            let (name, validate_only) = (which.name(api).await?, once.trial.validate_only);
            let request = RevokeConsentRequest { name, request_id: once.request_id, validate_only };
            Ok(output.one(api.consents().revoke_consent(request).await?.get_ref()))
        }
    }
}

impl Which {
    async fn name(&self, api: &Api) -> Result<String, CliError> {
        let user = which::name_of(&self.tenant, &self.user, api).await?;
        let client = name::child(&self.tenant, "clients", &self.client)?;
        Ok(format!("{user}/consents/{}", name::id(&client)))
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let parent = match &self.user {
            Some(user) => which::name_of(&self.tenant, user, api).await?,
            None => name::child(&self.tenant, "users", "-")?,
        };
        let client =
            self.client.as_deref().map(|id| name::child(&self.tenant, "clients", id)).transpose()?.unwrap_or_default();
        let consents = pages::all(async |page_token| {
            let (parent, client) = (parent.clone(), client.clone());
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListConsentsRequest { parent, page_size: pages::SIZE, page_token, client, filter, order_by };
            let page = api.consents().list_consents(request).await?.into_inner();
            Ok((page.consents, page.next_page_token))
        });
        Ok(output.many(&consents.await?))
    }
}
