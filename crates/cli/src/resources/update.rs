//! `chancery resources update`

use chancery_proto::v1::{Resource, UpdateResourceRequest};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::{Clear, Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a resource.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    trial: Trial,
}

impl Update {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.trial.validate_only;
        let mut resource = Resource { name: self.which.name()?, etag: self.guard.etag, ..Resource::default() };
        let mut mask = Mask::default();
        self.fields.apply(&mut resource, &mut mask);
        mask.clear::<Resource>(self.clear)?;
        let request =
            UpdateResourceRequest { resource: Some(resource), update_mask: Some(mask.finish()?), validate_only };
        let resource = api.resources().update_resource(request).await?;
        Ok(output.one(resource.get_ref()))
    }
}
