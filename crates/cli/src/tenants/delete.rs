//! `chancery tenants delete`

use chancery_proto::v1::DeleteTenantRequest;
use clap::Args;

use crate::arguments::{InTenant, This, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which tenant to delete.
#[derive(Args, Debug)]
pub struct Delete {
    #[command(flatten)]
    this: This<InTenant>,
    #[command(flatten)]
    trial: Trial,
    #[command(flatten)]
    sure: Sure,
}

impl Delete {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut request = DeleteTenantRequest {
            name: name::tenant(&self.this.which.tenant),
            etag: self.this.guard.etag,
            validate_only: self.trial.validate_only,
            ..Default::default()
        };
        let mut previews = api.previews();
        let preview = previews.preview_delete_tenant(request.clone());
        request.preview_hash = self.sure.of(request.validate_only, Ask::Always, preview).await?;
        let tenant = api.tenants().delete_tenant(request).await?;
        Ok(output.one(tenant.get_ref()))
    }
}
