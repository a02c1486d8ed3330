//! `chancery scopes create`

use chancery_proto::v1::{CreateScopeRequest, Scope};
use clap::Args;

use super::Which;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// A scope to add.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// What clients write in `scope`; the id if there is none
    #[arg(long)]
    value: Option<String>,
    /// What people read at consent
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
    /// A claim about the person that it opens; may be repeated
    #[arg(long = "claim", value_name = "NAME")]
    claims: Vec<String>,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let id = self.which.scope;
        let scope = Scope {
            value: self.value.unwrap_or_else(|| id.clone()),
            description: self.description,
            claims: self.claims,
            ..Scope::default()
        };
        let request = CreateScopeRequest {
            parent: name::tenant(&self.which.tenant),
            scope_id: id,
            scope: Some(scope),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let scope = api.scopes().create_scope(request).await?;
        Ok(output.one(scope.get_ref()))
    }
}
