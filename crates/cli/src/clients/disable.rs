//! `chancery clients disable`

use chancery_proto::v1::DisableClientRequest;
use clap::Args;

use super::Which;
use crate::arguments::This;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which client to disable.
#[derive(Args, Debug)]
pub struct Disable {
    #[command(flatten)]
    this: This<Which>,
    #[command(flatten)]
    sure: Sure,
}

impl Disable {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.this.which.name()?;
        let mut request = DisableClientRequest { name, etag: self.this.guard.etag, ..Default::default() };
        let mut previews = api.previews();
        let preview = previews.preview_disable_client(request.clone());
        request.preview_hash = self.sure.of(false, Ask::Always, preview).await?;
        let client = api.clients().disable_client(request).await?;
        Ok(output.one(client.get_ref()))
    }
}
