//! `chancery clients …`

mod certificate;
mod create;
mod delete;
mod disable;
mod fields;
mod secrets;
mod tokens;
mod update;

use chancery_proto::v1::{EnableClientRequest, GetClientRequest, ListClientsRequest};
use clap::{Args, Subcommand};

use crate::arguments::This;
use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::name::{self, TenantId};
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
A client that authenticates gets its first secret with its creation, shown
that once. HS256 is for tenants of the profile oidc.

Examples:
  chancery clients list acme
  chancery clients create acme --id web --scope openid --scope profile \\
      --redirect-uri https://app.example/callback
  chancery clients create acme --id phone --kind native \\
      --scope openid --scope offline_access \\
      --grant authorization_code --grant refresh_token \\
      --redirect-uri com.example.app:/callback
  chancery clients create acme --id report --kind service \\
      --scope reports.read --output json
  chancery clients create shop --id legacy --scope openid \\
      --redirect-uri https://shop.example/cb \\
      --id-token-signed-response-alg HS256
  chancery clients update acme web --skip-consent \\
      --redirect-uri https://app.example/callback
  chancery clients update acme web --skip-consent=false --clear logo_uri
  chancery clients update acme web --jwks-uri https://app.example/keys
  chancery clients disable acme web
  chancery clients enable acme web
  chancery clients secrets generate acme web --ttl 90d
  chancery clients secrets list acme web";

/// Shown under the help of `secrets`.
const SECRET_EXAMPLES: &str = "\
A client has two secrets that work at most. To replace one without an outage:
generate another, hand it out, see in the list when the old one was last used,
and delete it.

Examples:
  chancery clients secrets generate acme report
  chancery clients secrets list acme report
  chancery clients secrets delete acme report \\
      0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11";

/// What can be done with clients.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the clients of a tenant
    List(List),
    /// Show a client
    Get(Which),
    /// Register a client, with a first secret if it is one that authenticates
    Create(create::Create),
    /// Change a client; what is given takes the place of what was there
    Update(update::Update),
    /// Remove a client, its secrets and its grants
    Delete(delete::Delete),
    /// Refuse a client everywhere
    Disable(disable::Disable),
    /// Serve a disabled client again
    Enable(This<Which>),
    /// Secrets of a client
    #[command(subcommand, after_help = SECRET_EXAMPLES)]
    Secrets(secrets::Verb),
}

/// A client.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the client
    client: String,
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::child(&self.tenant, "clients", &self.client)
    }
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    let mut service = api.clients();
    let client = match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListClientsRequest { parent, page_size, page_token, filter, order_by };
                let page = api.clients().list_clients(request).await?.into_inner();
                Ok((page.clients, page.next_page_token))
            };
            return list.show(output, page).await;
        }
        Verb::Create(verb) => return verb.run(api, output).await,
        Verb::Update(verb) => return verb.run(api, output).await,
        Verb::Delete(verb) => return verb.run(api, output).await,
        Verb::Secrets(verb) => return secrets::run(verb, api, output).await,
        Verb::Get(which) => service.get_client(GetClientRequest { name: which.name()? }).await,
        Verb::Disable(verb) => return verb.run(api, output).await,
        Verb::Enable(This { which, guard }) => {
            service
                .enable_client(EnableClientRequest { name: which.name()?, etag: guard.etag, ..Default::default() })
                .await
        }
    }?;
    Ok(output.one(client.get_ref()))
}
