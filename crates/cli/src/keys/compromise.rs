//! `chancery keys compromise`

use chancery_proto::v1::{CompromiseAlgorithmRequest, CompromiseKeyRequest, CompromiseTenantKeysRequest};
use clap::Args;
use prost_types::Timestamp;

use super::{alarm, everywhere};
use crate::arguments::{Guard, Once};
use crate::connection::Api;
use crate::error::CliError;
use crate::moment;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// Which keys to give up: one, all of a tenant, or all of an algorithm in every tenant.
#[derive(Args, Debug)]
pub struct Compromise {
    /// Id of the tenant
    #[arg(required_unless_present = "everywhere", conflicts_with = "everywhere")]
    tenant: Option<TenantId>,
    /// Id of the key: the `kid` of what it signs
    #[arg(
        allow_hyphen_values = true,
        required_unless_present_any = ["all", "everywhere"],
        conflicts_with_all = ["all", "everywhere"]
    )]
    key: Option<String>,
    /// Every key of the tenant that has signed
    #[arg(long)]
    all: bool,
    /// Every key of the algorithm that has signed, in every tenant
    #[arg(long, conflicts_with = "all", requires = "algorithm")]
    everywhere: bool,
    /// Keys of this algorithm alone
    #[arg(long, conflicts_with = "key")]
    algorithm: Option<String>,
    /// The standby keys too, as where the master key may be known to others
    #[arg(long, conflicts_with = "key")]
    include_standby: bool,
    /// Go on with an order over every tenant that was cut off: the time that it told
    #[arg(long, value_name = "TIME", requires = "everywhere", value_parser = moment::parse)]
    made_before: Option<Timestamp>,
    #[command(flatten)]
    order: alarm::Order,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    once: Once,
    #[command(flatten)]
    sure: Sure,
}

impl Compromise {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        if self.key.is_none() && !self.guard.etag.is_empty() {
            return Err(CliError::Usage("--etag guards one key: name it".to_owned()));
        }
        if self.everywhere && !self.once.request_id.is_empty() {
            let instead = "an order over every tenant has no --request-id: repeat it with --made-before";
            return Err(CliError::Usage(instead.to_owned()));
        }
        let validate_only = self.once.trial.validate_only;
        let alarm::Order { reason, allow_unannounced } = self.order;
        let algorithm = self.algorithm.unwrap_or_default();
        let mut previews = api.previews();
        let done = match (self.tenant, self.key) {
            (Some(tenant), Some(key)) => {
                let mut request = CompromiseKeyRequest {
                    name: name::child(&tenant, "keys", &key)?,
                    etag: self.guard.etag,
                    reason,
                    allow_unannounced,
                    request_id: self.once.request_id,
                    validate_only,
                    ..Default::default()
                };
                let preview = previews.preview_compromise_key(request.clone());
                request.preview_hash = self.sure.of(validate_only, Ask::Always, preview).await?;
                api.keys().compromise_key(request).await?
            }
            (Some(tenant), None) => {
                let mut request = CompromiseTenantKeysRequest {
                    parent: name::tenant(&tenant),
                    algorithm,
                    reason,
                    allow_unannounced,
                    request_id: self.once.request_id,
                    validate_only,
                    include_standby: self.include_standby,
                    ..Default::default()
                };
                let preview = previews.preview_compromise_tenant_keys(request.clone());
                request.preview_hash = self.sure.of(validate_only, Ask::Always, preview).await?;
                api.keys().compromise_tenant_keys(request).await?
            }
            (None, _) => {
                let request = CompromiseAlgorithmRequest {
                    algorithm,
                    made_before: self.made_before,
                    reason,
                    allow_unannounced,
                    validate_only,
                    include_standby: self.include_standby,
                    ..Default::default()
                };
                return everywhere::run(request, &self.sure, api, output).await;
            }
        };
        Ok(alarm::show(done.get_ref(), output))
    }
}
