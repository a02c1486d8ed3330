//! Writing trusted issuers with their audit events.

use chancery_domain::{
    audit::Action, change::Noun, fault::WriteError, trusted_issuer::TrustedIssuer, version::Version,
};

use crate::writing::Writing;

/// A new trusted issuer.
pub(crate) async fn insert(to: Writing<'_>, issuer: &TrustedIssuer) -> Result<(), WriteError> {
    to.rows.trusted_issuers().insert(issuer).await?;
    Ok(to.audit(Action::Created, Noun::TrustedIssuer, &issuer.slug, (None, Some(issuer.version))).await?)
}

/// A trusted issuer in place of what it was; guarded by the version that was read. Gives the new version.
pub(crate) async fn update(to: Writing<'_>, issuer: &TrustedIssuer) -> Result<Version, WriteError> {
    let version = to.rows.trusted_issuers().update(issuer, to.now).await?;
    to.audit(Action::Updated, Noun::TrustedIssuer, &issuer.slug, (Some(issuer.version), Some(version))).await?;
    Ok(version)
}

/// A trusted issuer goes; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, issuer: &TrustedIssuer) -> Result<(), WriteError> {
    to.rows.trusted_issuers().delete(&issuer.slug, issuer.version).await?;
    Ok(to.audit(Action::Deleted, Noun::TrustedIssuer, &issuer.slug, (Some(issuer.version), None)).await?)
}
