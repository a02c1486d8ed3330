//! `chancery tenants suspend`

use chancery_proto::v1::SuspendTenantRequest;
use clap::Args;

use crate::arguments::{InTenant, This};
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which tenant to suspend.
#[derive(Args, Debug)]
pub struct Suspend {
    #[command(flatten)]
    this: This<InTenant>,
    #[command(flatten)]
    sure: Sure,
}

impl Suspend {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let This { which: InTenant { tenant }, guard } = self.this;
        let mut request = SuspendTenantRequest { name: name::tenant(&tenant), etag: guard.etag, ..Default::default() };
        let mut previews = api.previews();
        let preview = previews.preview_suspend_tenant(request.clone());
        request.preview_hash = self.sure.of(false, Ask::Always, preview).await?;
        let tenant = api.tenants().suspend_tenant(request).await?;
        Ok(output.one(tenant.get_ref()))
    }
}
