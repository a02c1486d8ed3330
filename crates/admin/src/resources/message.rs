//! A resource as message, and a message as resource.

use chancery_domain::{
    id::TenantSlug,
    resource::Resource,
    scope::{ScopeSet, ScopeValue},
    time::Timestamp,
    version::Version,
};
use chancery_proto::v1;

use crate::{etag, name, span, status::Refusal, text};

/// The resource as callers see it.
pub(crate) fn of(tenant: &TenantSlug, resource: &Resource) -> v1::Resource {
    v1::Resource {
        name: name::within(tenant, "resources", &resource.slug),
        identifier: resource.identifier.to_string(),
        display_name: resource.display_name.clone(),
        scopes: resource.scopes.iter().map(ToString::to_string).collect(),
        access_token_ttl: resource.access_token_ttl.map(span::span),
        signing_algorithm: resource.signing_algorithm.map(|algorithm| algorithm.to_string()).unwrap_or_default(),
        create_time: Some(span::moment(resource.created_at)),
        update_time: Some(span::moment(resource.updated_at)),
        etag: etag(resource),
    }
}

/// The resource as callers see it once it was written.
pub(super) fn of_written(tenant: &TenantSlug, resource: Resource, version: Version, now: Timestamp) -> v1::Resource {
    of(tenant, &Resource { version, updated_at: now, ..resource })
}

/// The tag of a resource as it stands. Resources have no uid: the moment of creation tells one from its predecessor.
pub(super) fn etag(resource: &Resource) -> String {
    etag::of(format_args!("{} {}", resource.slug, resource.created_at.millis()), resource.version)
}

/// The resource with what was sent; id and identifier stay.
pub(crate) fn read(sent: &v1::Resource, mut resource: Resource) -> Result<Resource, Refusal> {
    let called = text::display_name("resource.display_name", &sent.display_name)?;
    resource.display_name = if called.is_empty() { resource.slug.to_string() } else { called };
    resource.scopes = read_scopes(&sent.scopes)?;
    let ttl = sent.access_token_ttl.map(|sent| span::seconds("resource.access_token_ttl", sent));
    resource.access_token_ttl = ttl.transpose()?;
    resource.signing_algorithm = text::optional("resource.signing_algorithm", &sent.signing_algorithm)?;
    Ok(resource)
}

fn read_scopes(sent: &[String]) -> Result<ScopeSet, Refusal> {
    if sent.len() > ScopeSet::MOST {
        return Err(Refusal::field("resource.scopes", format!("must hold at most {} scopes", ScopeSet::MOST)));
    }
    let read = |(at, sent): (usize, &String)| text::read::<ScopeValue>(format!("resource.scopes[{at}]"), sent);
    sent.iter().enumerate().map(read).collect()
}
