//! `chancery users password-link`

use chancery_proto::v1::CreatePasswordLinkRequest;
use clap::Args;
use prost_types::Duration;

use super::which::Which;
use crate::connection::Api;
use crate::duration;
use crate::error::CliError;
use crate::output::Output;

/// Who shall choose a password.
#[derive(Args, Debug)]
pub struct PasswordLink {
    #[command(flatten)]
    which: Which,
    /// How long the link works (15m, 12h, 7d); without it, for a day
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ttl: Option<Duration>,
}

impl PasswordLink {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request =
            CreatePasswordLinkRequest { name: self.which.name(api).await?, ttl: self.ttl, validate_only: false };
        Ok(output.one(api.users().create_password_link(request).await?.get_ref()))
    }
}
