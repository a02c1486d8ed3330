//! `chancery resources create`

use chancery_proto::v1::{CreateResourceRequest, Resource};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name;
use crate::output::Output;

/// A resource to add.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// What clients write in `resource` and tokens in `aud`; never changes
    #[arg(long, value_name = "URI")]
    identifier: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut resource = Resource { identifier: self.identifier, ..Resource::default() };
        self.fields.apply(&mut resource, &mut Mask::default());
        let request = CreateResourceRequest {
            parent: name::tenant(&self.which.tenant),
            resource_id: self.which.resource,
            resource: Some(resource),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let resource = api.resources().create_resource(request).await?;
        Ok(output.one(resource.get_ref()))
    }
}
