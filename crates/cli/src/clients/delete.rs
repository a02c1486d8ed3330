//! `chancery clients delete`

use chancery_proto::v1::DeleteClientRequest;
use clap::Args;

use super::Which;
use crate::arguments::{This, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which client to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    this: This<Which>,
    #[command(flatten)]
    trial: Trial,
    #[command(flatten)]
    sure: Sure,
}

impl Delete {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.this.which.name()?;
        let outcome = self.trial.outcome("deleted", &name);
        let (etag, validate_only) = (self.this.guard.etag, self.trial.validate_only);
        let mut request = DeleteClientRequest { name, etag, validate_only, ..Default::default() };
        let mut previews = api.previews();
        let preview = previews.preview_delete_client(request.clone());
        request.preview_hash = self.sure.of(validate_only, Ask::Always, preview).await?;
        api.clients().delete_client(request).await?;
        Ok(output.done(&outcome))
    }
}
