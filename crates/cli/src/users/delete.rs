//! `chancery users delete`

use chancery_proto::v1::DeleteUserRequest;
use clap::Args;

use super::This;
use crate::arguments::Trial;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;

/// Which user to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    this: This,
    #[command(flatten)]
    trial: Trial,
}

impl Delete {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.this.which.name(api).await?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteUserRequest { name, etag: self.this.guard.etag, validate_only: self.trial.validate_only };
        api.users().delete_user(request).await?;
        Ok(output.done(&outcome))
    }
}
