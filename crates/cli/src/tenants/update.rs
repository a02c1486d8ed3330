//! `chancery tenants update`

use chancery_proto::v1::{Tenant, UpdateTenantRequest};
use clap::Args;

use super::fields::Fields;
use crate::arguments::{Clear, InTenant, This, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// What to change in a tenant.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    this: This<InTenant>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    sure: Sure,
    #[command(flatten)]
    trial: Trial,
}

impl Update {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.trial.validate_only;
        let This { which: InTenant { tenant }, guard } = self.this;
        let mut tenant = Tenant { name: name::tenant(&tenant), etag: guard.etag, ..Tenant::default() };
        let mut mask = Mask::default();
        self.fields.apply(&mut tenant, &mut mask)?;
        mask.clear::<Tenant>(self.clear)?;
        let (tenant, update_mask) = (Some(tenant), Some(mask.finish()?));
        let mut request = UpdateTenantRequest { tenant, update_mask, validate_only, ..Default::default() };
        let mut previews = api.previews();
        let preview = previews.preview_update_tenant(request.clone());
        request.preview_hash = self.sure.of(validate_only, Ask::IfItEnds, preview).await?;
        let tenant = api.tenants().update_tenant(request).await?;
        Ok(output.one(tenant.get_ref()))
    }
}
