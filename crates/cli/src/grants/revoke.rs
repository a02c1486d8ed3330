//! `chancery grants revoke`

use chancery_proto::v1::{RevokeGrantRequest, RevokeGrantsRequest};
use clap::Args;

use super::Of;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;

/// What to take back.
#[derive(Args, Debug)]
pub struct Revoke {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the grant
    #[arg(required_unless_present_any = ["user", "client", "session"], conflicts_with_all = ["user", "client", "session"])]
    grant: Option<String>,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    once: Once,
}

impl Revoke {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let Once { request_id, trial } = self.once;
        let validate_only = trial.validate_only;
        if let Some(grant) = self.grant {
            let name = name::child(&self.tenant, "grants", &grant)?;
            let request = RevokeGrantRequest { name, request_id, validate_only };
            return Ok(output.one(api.grants().revoke_grant(request).await?.get_ref()));
        }
        let (user, client, session) = self.of.names(&self.tenant, api).await?;
        let parent = name::tenant(&self.tenant);
        let request = RevokeGrantsRequest { parent, user, client, session, request_id, validate_only };
        Ok(output.one(api.grants().revoke_grants(request).await?.get_ref()))
    }
}
