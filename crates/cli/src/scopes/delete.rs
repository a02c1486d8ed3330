//! `chancery scopes delete`

use chancery_proto::v1::DeleteScopeRequest;
use clap::Args;

use super::Which;
use crate::arguments::{Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;

/// Which scope to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    trial: Trial,
}

impl Delete {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.which.name();
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteScopeRequest { name, etag: self.guard.etag, validate_only: self.trial.validate_only };
        api.scopes().delete_scope(request).await?;
        Ok(output.done(&outcome))
    }
}
