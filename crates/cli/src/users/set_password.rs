//! `chancery users set-password`

use chancery_proto::v1::SetUserPasswordRequest;
use clap::Args;

use super::This;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::password::PasswordSource;

/// Whose password to set.
#[derive(Args, Debug)]
pub struct SetPassword {
    #[command(flatten)]
    this: This,
    #[command(flatten)]
    password: PasswordSource,
}

impl SetPassword {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let password = self.password.read_required()?;
        let name = self.this.which.name(api).await?;
        let request = SetUserPasswordRequest { name, password, etag: self.this.guard.etag };
        let user = api.users().set_user_password(request).await?;
        Ok(output.one(user.get_ref()))
    }
}
