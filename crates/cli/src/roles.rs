//! `chancery roles …`

use chancery_proto::v1::{
    CreateRoleRequest, DeleteRoleRequest, GetRoleRequest, ListRolesRequest, Role, UpdateRoleRequest,
};
use clap::{Args, Subcommand};

use crate::arguments::{Choice, Clear, Guard, Once, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::pages;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Roles with a dot in their id are built in; a tenant makes others out of
permissions, which --output json shows.

Examples:
  chancery roles list
  chancery roles list --tenant acme
  chancery roles get tenant.user-admin
  chancery roles create helpdesk --tenant acme \\
      --permission users.list --permission users.enable
  chancery roles update helpdesk --tenant acme --display-name 'Help desk'
  chancery roles delete helpdesk --tenant acme";

/// What can be done with roles.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the roles that can be had in a tenant, or every built-in role
    List(List),
    /// Show a role
    Get(Which),
    /// Make a role in a tenant
    Create(Create),
    /// Change what a role is called or what is in it, for all who have it
    Update(Update),
    /// Remove a role that nobody has
    Delete(Delete),
}

/// Whose roles they are.
#[derive(Args, Debug)]
pub(crate) struct Owner {
    /// Id of the tenant; without it, every built-in role
    #[arg(long)]
    tenant: Option<TenantId>,
}

/// A role.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the role
    role: String,
    #[command(flatten)]
    owner: Owner,
}

/// A role to make.
#[derive(Args, Debug)]
pub struct Create {
    /// Id of the role
    role: String,
    /// Id of the tenant
    #[arg(long)]
    tenant: TenantId,
    /// What people call it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    display_name: String,
    /// What its members may do, such as users.list; may be repeated
    #[arg(long = "permission", value_name = "PERMISSION", required = true)]
    permissions: Vec<String>,
    #[command(flatten)]
    once: Once,
}

/// What to change in a role.
#[derive(Args, Debug)]
pub struct Update {
    /// Id of the role
    role: String,
    /// Id of the tenant
    #[arg(long)]
    tenant: TenantId,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// What its members may do, in place of what they could; may be repeated
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Option<Vec<String>>,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    trial: Trial,
}

/// Which role to delete.
#[derive(Args, Debug)]
pub struct Delete {
    /// Id of the role
    role: String,
    /// Id of the tenant
    #[arg(long)]
    tenant: TenantId,
    #[command(flatten)]
    guard: Guard,
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
            let name = name::role(which.owner.tenant.as_ref(), &which.role)?;
            Ok(output.one(api.roles().get_role(GetRoleRequest { name }).await?.get_ref()))
        }
        Verb::Create(verb) => verb.run(api, output).await,
        Verb::Update(verb) => verb.run(api, output).await,
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl List {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let roles = pages::all(async |page_token| {
            let parent = name::place(self.owner.tenant.as_ref());
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListRolesRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.roles().list_roles(request).await?.into_inner();
            Ok((page.roles, page.next_page_token))
        });
        Ok(output.many(&roles.await?))
    }
}

impl Create {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let role = Role { display_name: self.display_name, permissions: self.permissions, ..Role::default() };
        let request = CreateRoleRequest {
            parent: name::tenant(&self.tenant),
            role_id: self.role,
            role: Some(role),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        Ok(output.one(api.roles().create_role(request).await?.get_ref()))
    }
}

impl Update {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.trial.validate_only;
        let name = name::role(Some(&self.tenant), &self.role)?;
        let mut role = Role { name, etag: self.guard.etag, ..Role::default() };
        let mut mask = Mask::default();
        mask.take("display_name", self.display_name, &mut role.display_name);
        mask.take("permissions", self.permissions, &mut role.permissions);
        mask.clear::<Role>(self.clear)?;
        let request = UpdateRoleRequest { role: Some(role), update_mask: Some(mask.finish()?), validate_only };
        Ok(output.one(api.roles().update_role(request).await?.get_ref()))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = name::role(Some(&self.tenant), &self.role)?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteRoleRequest { name, etag: self.guard.etag, validate_only: self.trial.validate_only };
        api.roles().delete_role(request).await?;
        Ok(output.done(&outcome))
    }
}
