//! Finding the trusted issuer that a call names.

use chancery_domain::{id::TrustedIssuerSlug, trusted_issuer::TrustedIssuer};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The trusted issuer of that id.
pub(super) async fn find(reached: &Reached<'_>, id: &TrustedIssuerSlug) -> Result<TrustedIssuer, Refusal> {
    let found = reached.read().trusted_issuers().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "trustedIssuers", id);
    found.ok_or_else(|| Refusal::not_found(Reason::TrustedIssuerNotFound, "TrustedIssuer", &name()))
}
