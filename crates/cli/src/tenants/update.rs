//! `chancery tenants update`

use chancery_proto::v1::{Tenant, UpdateTenantRequest};
use clap::Args;

use super::fields::Fields;
use crate::arguments::ThisTenant;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name;
use crate::output::Output;

/// What to change in a tenant.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    this: ThisTenant,
    #[command(flatten)]
    fields: Fields,
}

impl Update {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let ThisTenant { tenant, guard } = self.this;
        let mut tenant = Tenant { name: name::tenant(&tenant), etag: guard.etag, ..Tenant::default() };
        let mut mask = Mask::default();
        self.fields.apply(&mut tenant, &mut mask);
        let request = UpdateTenantRequest { tenant: Some(tenant), update_mask: Some(mask.finish()?) };
        let tenant = api.tenants().update_tenant(request).await?;
        Ok(output.one(tenant.get_ref()))
    }
}
