//! `chancery users create`

use chancery_proto::v1::{CreateUserRequest, User};
use clap::Args;

use super::fields::Fields;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::{self, TenantId};
use crate::output::Output;

/// A user to enter.
#[derive(Args, Debug)]
pub struct Create {
    /// Id of the tenant
    tenant: TenantId,
    /// What the person signs in with
    #[arg(long, value_name = "NAME")]
    username: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut user = User { username: self.username, ..User::default() };
        self.fields.apply(&mut user, &mut Mask::default());
        let request = CreateUserRequest {
            parent: name::tenant(&self.tenant),
            user: Some(user),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let user = api.users().create_user(request).await?;
        Ok(output.one(user.get_ref()))
    }
}
