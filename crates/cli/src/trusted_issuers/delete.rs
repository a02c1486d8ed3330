//! `chancery trusted-issuers delete`

use chancery_proto::v1::DeleteTrustedIssuerRequest;
use clap::Args;

use super::Which;
use crate::arguments::{Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;

/// Which trusted issuer to delete.
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
        let name = self.which.name()?;
        let outcome = self.trial.outcome("deleted", &name);
        let request =
            DeleteTrustedIssuerRequest { name, etag: self.guard.etag, validate_only: self.trial.validate_only };
        api.trusted_issuers().delete_trusted_issuer(request).await?;
        Ok(output.done(&outcome))
    }
}
