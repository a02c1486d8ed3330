//! `chancery trusted-issuers create`

use chancery_proto::v1::{CreateTrustedIssuerRequest, TrustedIssuer};
use clap::Args;

use super::Which;
use super::fields::Fields;
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name;
use crate::output::Output;

/// A trusted issuer to add.
#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// What its assertions say in `iss`; never changes
    #[arg(long, value_name = "TEXT")]
    issuer: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut issuer = TrustedIssuer { issuer: self.issuer, ..TrustedIssuer::default() };
        self.fields.apply(&mut issuer, &mut Mask::default())?;
        let request = CreateTrustedIssuerRequest {
            parent: name::tenant(&self.which.tenant),
            trusted_issuer_id: self.which.trusted_issuer,
            trusted_issuer: Some(issuer),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let issuer = api.trusted_issuers().create_trusted_issuer(request).await?;
        Ok(output.one(issuer.get_ref()))
    }
}
