//! `chancery tenants create`

use chancery_proto::v1::{CreateTenantRequest, Tenant};
use clap::Args;

use super::fields::Fields;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::TenantId;
use crate::output::Output;

/// A tenant to create.
#[derive(Args, Debug)]
pub struct Create {
    /// Id of the tenant: part of its issuer
    tenant: TenantId,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut tenant = Tenant::default();
        self.fields.apply(&mut tenant, &mut Mask::default())?;
        let request = CreateTenantRequest {
            tenant_id: self.tenant.into_id(),
            tenant: Some(tenant),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let tenant = api.tenants().create_tenant(request).await?;
        Ok(output.one(tenant.get_ref()))
    }
}
