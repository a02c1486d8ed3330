//! `chancery users update`

use chancery_proto::v1::{UpdateUserRequest, User};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::{Clear, This, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a user.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    this: This<Which>,
    /// What the person signs in with
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    trial: Trial,
}

impl Update {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.trial.validate_only;
        let mut user = User { etag: self.this.guard.etag, ..User::default() };
        let mut mask = Mask::default();
        mask.take("username", self.username, &mut user.username);
        self.fields.apply(&mut user, &mut mask);
        mask.clear::<User>(self.clear)?;
        let mask = mask.finish()?;
        user.name = self.this.which.name(api).await?;
        let user = api
            .users()
            .update_user(UpdateUserRequest { user: Some(user), update_mask: Some(mask), validate_only })
            .await?;
        Ok(output.one(user.get_ref()))
    }
}
