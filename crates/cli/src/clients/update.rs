//! `chancery clients update`

use chancery_proto::v1::{Client, UpdateClientRequest};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::{Clear, This, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a client.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    this: This<Which>,
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
        let This { which, guard } = self.this;
        let mut client = Client { name: which.name()?, etag: guard.etag, ..Client::default() };
        let mut mask = Mask::default();
        self.fields.apply(&mut client, &mut mask)?;
        mask.clear::<Client>(self.clear)?;
        let request = UpdateClientRequest { client: Some(client), update_mask: Some(mask.finish()?), validate_only };
        let client = api.clients().update_client(request).await?;
        Ok(output.one(client.get_ref()))
    }
}
