//! `chancery claim-mappings update`

use chancery_proto::v1::{ClaimMapping, UpdateClaimMappingRequest};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::{Clear, Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a claim mapping.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// The claim that it makes
    #[arg(long, value_name = "NAME")]
    claim: Option<String>,
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
        let mut mapping = ClaimMapping { name: self.which.name()?, etag: self.guard.etag, ..ClaimMapping::default() };
        let mut mask = Mask::default();
        mask.take("claim", self.claim, &mut mapping.claim);
        self.fields.apply(&self.which.tenant, &mut mapping, &mut mask)?;
        mask.clear::<ClaimMapping>(self.clear)?;
        let update_mask = Some(mask.finish()?);
        let request = UpdateClaimMappingRequest { claim_mapping: Some(mapping), update_mask, validate_only };
        let mapping = api.claim_mappings().update_claim_mapping(request).await?;
        Ok(output.one(mapping.get_ref()))
    }
}
