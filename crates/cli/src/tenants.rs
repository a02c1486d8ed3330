//! `chancery tenants …`

mod create;
mod delete;
mod fields;
mod list;
mod suspend;
mod update;

use chancery_proto::v1::{GetTenantRequest, ResumeTenantRequest, UndeleteTenantRequest};
use clap::Subcommand;

use crate::arguments::{InTenant, This};
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Examples:
  chancery tenants list
  chancery tenants create shop --display-name 'The shop' --profile oidc
  chancery tenants update acme --access-token-ttl 5m --session-idle-ttl 12h
  chancery tenants update acme --clear settings.session_idle_ttl
  chancery tenants suspend shop
  chancery tenants resume shop
  chancery tenants delete acme --validate-only
  chancery tenants delete shop
  chancery tenants undelete shop
  chancery tenants get acme --output json";

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List tenants
    List(list::List),
    /// Show a tenant
    Get(InTenant),
    /// Create a tenant with its keys, ready to serve
    Create(create::Create),
    /// Change display name, profile or lifetimes
    Update(update::Update),
    /// Stop serving a tenant; it goes for good at the time shown, and can be undeleted before
    Delete(delete::Delete),
    /// Take a deletion back
    Undelete(This<InTenant>),
    /// Stop serving a tenant until it is resumed
    Suspend(suspend::Suspend),
    /// Serve a suspended tenant again
    Resume(This<InTenant>),
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    let mut service = api.tenants();
    let tenant = match verb {
        Verb::List(verb) => return verb.run(api, output).await,
        Verb::Create(verb) => return verb.run(api, output).await,
        Verb::Update(verb) => return verb.run(api, output).await,
        Verb::Delete(verb) => return verb.run(api, output).await,
        Verb::Get(InTenant { tenant }) => service.get_tenant(GetTenantRequest { name: name::tenant(&tenant) }).await,
        Verb::Undelete(This { which: InTenant { tenant }, guard }) => {
            service
                .undelete_tenant(UndeleteTenantRequest {
                    name: name::tenant(&tenant),
                    etag: guard.etag,
                    ..Default::default()
                })
                .await
        }
        Verb::Suspend(verb) => return verb.run(api, output).await,
        Verb::Resume(This { which: InTenant { tenant }, guard }) => {
            service
                .resume_tenant(ResumeTenantRequest {
                    name: name::tenant(&tenant),
                    etag: guard.etag,
                    ..Default::default()
                })
                .await
        }
    }?;
    Ok(output.one(tenant.get_ref()))
}
