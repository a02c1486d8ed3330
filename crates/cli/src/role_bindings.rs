//! `chancery role-bindings …`

use chancery_proto::v1::{
    CreateRoleBindingRequest, DeleteRoleBindingRequest, GetRoleBindingRequest, ListRoleBindingsRequest, RoleBinding,
};
use clap::{Args, Subcommand};
use prost_types::Timestamp;

use crate::arguments::{Choice, Once, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::{moment, pages};

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
With --tenant a role is had in that tenant alone; without it, for the platform
and so in every tenant. Members are apiKeys/UUID, certificates/NAME, and of the
system tenant users/UUID and clients/ID.

Examples:
  chancery role-bindings list
  chancery role-bindings list --tenant acme
  chancery role-bindings create --role platform.auditor \\
      --member certificates/audit.example
  chancery role-bindings create --tenant acme --role tenant.reader \\
      --member certificates/desk.example --until 2027-01-31T00:00:00Z
  chancery role-bindings delete 0192f0c1-7d3e-7c5a-9a43-5b1f0f6b2d11 \\
      --tenant acme";

/// What can be done with role bindings.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List who has which role
    List(List),
    /// Show a role binding
    Get(Which),
    /// Give somebody a role
    Create(Create),
    /// Take a role from somebody, from their next call on
    Delete(Delete),
}

/// Where the roles are had.
#[derive(Args, Debug)]
pub(crate) struct Owner {
    /// Id of the tenant; without it, the platform
    #[arg(long)]
    tenant: Option<TenantId>,
}

/// A role binding.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the role binding
    role_binding: String,
    #[command(flatten)]
    owner: Owner,
}

/// A role binding to create.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    owner: Owner,
    /// The role, such as tenant.reader
    #[arg(long)]
    role: String,
    /// Who is to have it
    #[arg(long)]
    member: String,
    /// Until when, such as 2027-01-31T00:00:00Z [default: until it is deleted]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    until: Option<Timestamp>,
    #[command(flatten)]
    once: Once,
}

/// Which role binding to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    trial: Trial,
}

/// Which of them to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    owner: Owner,
    #[command(flatten)]
    choice: Choice,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(which) => {
            let request = GetRoleBindingRequest { name: which.name()? };
            Ok(output.one(api.role_bindings().get_role_binding(request).await?.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let role_bindings = pages::all(async |page_token| {
            let parent = self.owner.parent();
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListRoleBindingsRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.role_bindings().list_role_bindings(request).await?.into_inner();
            Ok((page.role_bindings, page.next_page_token))
        });
        Ok(output.many(&role_bindings.await?))
    }
}

impl Owner {
    /// `tenants/{tenant}`, or empty for the platform.
    fn parent(&self) -> String {
        name::place(self.tenant.as_ref())
    }
}

impl Which {
    fn name(&self) -> Result<String, CliError> {
        name::placed(self.owner.tenant.as_ref(), "roleBindings", &self.role_binding)
    }
}

impl Create {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let binding = RoleBinding {
            role: name::role(self.owner.tenant.as_ref(), &self.role)?,
            member: self.member,
            expire_time: self.until,
            ..RoleBinding::default()
        };
        let request = CreateRoleBindingRequest {
            parent: self.owner.parent(),
            role_binding: Some(binding),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        Ok(output.one(api.role_bindings().create_role_binding(request).await?.get_ref()))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.which.name()?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteRoleBindingRequest { name, validate_only: self.trial.validate_only };
        api.role_bindings().delete_role_binding(request).await?;
        Ok(output.done(&outcome))
    }
}
