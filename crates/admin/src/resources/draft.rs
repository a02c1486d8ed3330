//! From what somebody sent to the resource that is written: for the calls about one resource, and for documents.

use chancery_domain::{
    change::Noun,
    fault::WriteError,
    id::{ResourceSlug, TenantSlug},
    resource::{Resource, ResourceUri},
    tenant::Tenant,
    time::Timestamp,
};
use chancery_proto::v1;

use super::message;
use crate::{
    context::Context,
    name,
    status::{Reason, Refusal},
    text,
};

/// A new resource.
pub(crate) fn fresh(
    cx: &Context,
    tenant: &Tenant,
    sent: &v1::Resource,
    slug: ResourceSlug,
    now: Timestamp,
) -> Result<Resource, Refusal> {
    const IDENTIFIER: &str = "resource.identifier";
    let identifier: ResourceUri = text::read(IDENTIFIER, &sent.identifier)?;
    if identifier.as_str() == cx.public_url.issuer_of(tenant).as_str() {
        return Err(Refusal::field(IDENTIFIER, "must not be the tenant's issuer, which stands for this server itself"));
    }
    message::read(sent, Resource::new(slug, identifier, now))
}

/// Refuses a new resource whose id or identifier is taken, or for which a tenant with those others has no room.
pub(crate) fn admit<'a>(
    tenant: &TenantSlug,
    resource: &Resource,
    mut others: impl ExactSizeIterator<Item = &'a Resource>,
) -> Result<(), Refusal> {
    let full = others.len() >= Resource::MOST;
    if others.any(|other| other.slug == resource.slug || other.identifier == resource.identifier) {
        let name = name::within(tenant, "resources", &resource.slug);
        return Err(Refusal::from(WriteError::Taken(Noun::Resource)).about("Resource", &name));
    }
    if full {
        let most = format!("has {} resources, the most that a tenant may have", Resource::MOST);
        return Err(Refusal::precondition(Reason::TooManyResources, &name::of_tenant(tenant), &most));
    }
    Ok(())
}
