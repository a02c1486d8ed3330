//! `chancery trusted-issuers update`

use chancery_proto::v1::{TrustedIssuer, UpdateTrustedIssuerRequest};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::{Clear, Guard, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::output::Output;

/// What to change in a trusted issuer.
#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    which: Which,
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
        let mut issuer = TrustedIssuer { name: self.which.name()?, etag: self.guard.etag, ..TrustedIssuer::default() };
        let mut mask = Mask::default();
        self.fields.apply(&mut issuer, &mut mask)?;
        mask.clear::<TrustedIssuer>(self.clear)?;
        let update_mask = Some(mask.finish()?);
        let request = UpdateTrustedIssuerRequest { trusted_issuer: Some(issuer), update_mask, validate_only };
        let issuer = api.trusted_issuers().update_trusted_issuer(request).await?;
        Ok(output.one(issuer.get_ref()))
    }
}
