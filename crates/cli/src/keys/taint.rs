//! `chancery keys taint`

use chancery_proto::v1::TaintKeyRequest;
use clap::Args;

use super::{Which, alarm};
use crate::arguments::{Guard, Once};
use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// Which key to suspect.
#[derive(Args, Debug)]
pub struct Taint {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    order: alarm::Order,
    #[command(flatten)]
    guard: Guard,
    #[command(flatten)]
    once: Once,
}

impl Taint {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let validate_only = self.once.trial.validate_only;
        let request = TaintKeyRequest {
            name: name::child(&self.which.tenant, "keys", &self.which.key)?,
            etag: self.guard.etag,
            reason: self.order.reason,
            allow_unannounced: self.order.allow_unannounced,
            request_id: self.once.request_id,
            validate_only,
        };
        let done = api.keys().taint_key(request).await?.into_inner();
        Ok(alarm::show(&done, output))
    }
}
