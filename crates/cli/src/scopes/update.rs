//! `chancery scopes update`

use chancery_proto::v1::{Scope, UpdateScopeRequest};
use clap::Args;

use super::Which;
use crate::arguments::{Clear, Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a scope.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// What people read at consent
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A claim about the person that it opens, in place of those before; may be repeated
    #[arg(long = "claim", value_name = "NAME")]
    claims: Option<Vec<String>>,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    trial: Trial,
}

impl Update {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.trial.validate_only;
        let mut scope = Scope { name: self.which.name()?, etag: self.guard.etag, ..Scope::default() };
        let mut mask = Mask::default();
        mask.take("description", self.description, &mut scope.description);
        mask.take("claims", self.claims, &mut scope.claims);
        mask.clear::<Scope>(self.clear)?;
        let request = UpdateScopeRequest { scope: Some(scope), update_mask: Some(mask.finish()?), validate_only };
        let scope = api.scopes().update_scope(request).await?;
        Ok(output.one(scope.get_ref()))
    }
}
