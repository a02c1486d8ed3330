//! Asking an issuer where its keys are, before it is trusted by its name alone.

use chancery_domain::{
    id::TenantId,
    trusted_issuer::{IssuerKeys, NotDiscovered, TrustedIssuer},
};

use crate::{
    context::Context,
    status::{Reason, Refusal},
};

const ISSUER: &str = "trusted_issuer.issuer";

/// Refuses an issuer whose metadata are to be believed and are not its own, or not to be had. One that was believed before
/// is not asked again: an issuer that is away stands in the way of no other change, and its keys come by its metadata
/// alone whenever they are fetched.
pub(crate) async fn check(
    cx: &Context,
    tenant: TenantId,
    before: Option<&TrustedIssuer>,
    issuer: &TrustedIssuer,
) -> Result<(), Refusal> {
    if issuer.keys != IssuerKeys::Discovered || before.is_some_and(|before| before.keys == issuer.keys) {
        return Ok(());
    }
    issuer.issuer.discover(&*cx.fetch, tenant).await.map(drop).map_err(|why| refused(&why))
}

fn refused(why: &NotDiscovered) -> Refusal {
    match why {
        NotDiscovered::Name(malformed) => Refusal::malformed(ISSUER, malformed),
        NotDiscovered::Refused(why) => Refusal::field(ISSUER, why.hint()),
        NotDiscovered::OtherIssuer => {
            let rule = "must be, byte for byte, the issuer that the metadata there say they are of";
            Refusal::field_because(Reason::IssuerMetadataMismatch, ISSUER, rule)
        }
        NotDiscovered::NotFetched(_)
        | NotDiscovered::NoMetadata
        | NotDiscovered::NoKeys
        | NotDiscovered::KeysRefused(_) => {
            let rule = format!("must lead to metadata that tell where its keys are: {why}");
            Refusal::field_because(Reason::IssuerMetadataUnfit, ISSUER, rule)
        }
    }
}
