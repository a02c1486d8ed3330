//! `chancery claim-mappings delete`

use chancery_proto::v1::DeleteClaimMappingRequest;
use clap::Args;

use super::Which;
use crate::arguments::{Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;

/// Which claim mapping to delete.
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
        let request =
            DeleteClaimMappingRequest { name, etag: self.guard.etag, validate_only: self.trial.validate_only };
        api.claim_mappings().delete_claim_mapping(request).await?;
        Ok(output.done(&outcome))
    }
}
