//! `chancery users disable`

use chancery_proto::v1::DisableUserRequest;
use clap::Args;

use super::Which;
use crate::arguments::This;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which user to disable.
#[derive(Args, Debug)]
pub struct Disable {
    #[command(flatten)]
    this: This<Which>,
    #[command(flatten)]
    sure: Sure,
}

impl Disable {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = self.this.which.name(api).await?;
        let mut request = DisableUserRequest { name, etag: self.this.guard.etag, ..Default::default() };
        let mut previews = api.previews();
        let preview = previews.preview_disable_user(request.clone());
        request.preview_hash = self.sure.of(false, Ask::Always, preview).await?;
        let user = api.users().disable_user(request).await?;
        Ok(output.one(user.get_ref()))
    }
}
