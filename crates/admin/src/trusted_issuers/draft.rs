//! From what somebody sent to the trusted issuer that is written: for the calls about one issuer, and for documents.

use std::collections::BTreeSet;

use chancery_domain::{
    change::Noun,
    fault::WriteError,
    id::{TenantSlug, TrustedIssuerSlug},
    scope::ScopeSet,
    tenant::Tenant,
    time::Timestamp,
    trusted_issuer::{IssuerKeys, IssuerName, SubjectMapping, TrustedIssuer},
    version::Version,
};
use chancery_proto::v1;

use super::message;
use crate::{
    context::Context,
    name,
    status::{Reason, Refusal},
};

/// A new trusted issuer.
pub(crate) fn fresh(
    cx: &Context,
    tenant: &Tenant,
    sent: &v1::TrustedIssuer,
    slug: TrustedIssuerSlug,
    now: Timestamp,
) -> Result<TrustedIssuer, Refusal> {
    const ISSUER: &str = "trusted_issuer.issuer";
    let issuer: IssuerName = sent.issuer.parse().map_err(|malformed| Refusal::malformed(ISSUER, &malformed))?;
    if issuer.as_str() == cx.public_url.issuer_of(tenant).as_str() {
        return Err(Refusal::field(ISSUER, "must not be the tenant's own, whose tokens are exchanged otherwise"));
    }
    let nothing = TrustedIssuer {
        slug,
        issuer,
        keys: IssuerKeys::Jwks(String::new()),
        algorithms: BTreeSet::new(),
        mapping: SubjectMapping::UserId,
        subjects: BTreeSet::new(),
        clients: BTreeSet::new(),
        scopes: ScopeSet::default(),
        disabled: false,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    message::read(sent, nothing, &*cx.uris)
}

/// Refuses a new one whose id or issuer is taken, or for which a tenant with those others has no room.
pub(crate) fn admit<'a>(
    tenant: &TenantSlug,
    issuer: &TrustedIssuer,
    mut others: impl ExactSizeIterator<Item = &'a TrustedIssuer>,
) -> Result<(), Refusal> {
    let full = others.len() >= TrustedIssuer::MOST;
    if others.any(|other| other.slug == issuer.slug || other.issuer == issuer.issuer) {
        let name = name::within(tenant, "trustedIssuers", &issuer.slug);
        return Err(Refusal::from(WriteError::Taken(Noun::TrustedIssuer)).about("TrustedIssuer", &name));
    }
    if full {
        let most = format!("trusts {} issuers, the most that a tenant may", TrustedIssuer::MOST);
        return Err(Refusal::precondition(Reason::TooManyTrustedIssuers, &name::of_tenant(tenant), &most));
    }
    Ok(())
}
