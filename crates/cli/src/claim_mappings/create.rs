//! `chancery claim-mappings create`

use chancery_proto::v1::{ClaimMapping, CreateClaimMappingRequest};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name;
use crate::output::Output;

/// A claim mapping to add.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// The claim that it makes; the id if there is none
    #[arg(long, value_name = "NAME")]
    claim: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let Which { tenant, mapping: id } = self.which;
        let claim = self.claim.unwrap_or_else(|| id.clone());
        let mut mapping = ClaimMapping { claim, ..ClaimMapping::default() };
        self.fields.apply(&tenant, &mut mapping, &mut Mask::default())?;
        let request = CreateClaimMappingRequest {
            parent: name::tenant(&tenant),
            claim_mapping_id: id,
            claim_mapping: Some(mapping),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let mapping = api.claim_mappings().create_claim_mapping(request).await?;
        Ok(output.one(mapping.get_ref()))
    }
}
