//! A claim mapping as message, and a message as claim mapping.

use std::collections::BTreeSet;

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimSource, ClaimTarget},
    id::TenantSlug,
    time::Timestamp,
    version::Version,
};
use chancery_proto::v1::{self, claim_mapping::Target};

use crate::{etag, json, name, span, status::Refusal};

/// The mapping as callers see it.
pub(crate) fn of(tenant: &TenantSlug, mapping: &ClaimMapping) -> v1::ClaimMapping {
    let (user_claim, constant) = match &mapping.source {
        ClaimSource::User(path) => (path.clone(), None),
        ClaimSource::Constant(value) => (String::new(), Some(json::write(value))),
    };
    let client = mapping.client.as_ref().map(|client| name::within(tenant, "clients", &client.id));
    v1::ClaimMapping {
        name: name::within(tenant, "claimMappings", &mapping.slug),
        claim: mapping.claim.to_string(),
        user_claim,
        constant,
        targets: mapping.targets.iter().map(|place| target(*place).into()).collect(),
        scope: mapping.scope.as_ref().map(ToString::to_string).unwrap_or_default(),
        client: client.unwrap_or_default(),
        create_time: Some(span::moment(mapping.created_at)),
        update_time: Some(span::moment(mapping.updated_at)),
        etag: etag(mapping),
    }
}

/// The mapping as callers see it once it was written.
pub(super) fn of_written(
    tenant: &TenantSlug,
    mapping: ClaimMapping,
    version: Version,
    now: Timestamp,
) -> v1::ClaimMapping {
    of(tenant, &ClaimMapping { version, updated_at: now, ..mapping })
}

/// The tag of a mapping as it stands. Mappings have no uid: the moment of creation tells one from its predecessor.
pub(super) fn etag(mapping: &ClaimMapping) -> String {
    etag::of(format_args!("{} {}", mapping.slug, mapping.created_at.millis()), mapping.version)
}

/// Where the value comes from: exactly one of the two fields says it.
pub(super) fn read_source(sent: &v1::ClaimMapping) -> Result<ClaimSource, Refusal> {
    const CONSTANT: &str = "claim_mapping.constant";
    match (sent.user_claim.as_str(), &sent.constant) {
        ("", None) => Err(Refusal::field("claim_mapping.user_claim", "must be set where constant is not")),
        ("", Some(value)) => {
            let constant = ClaimSource::constant(json::read(CONSTANT, value.clone())?);
            constant.map_err(|malformed| Refusal::malformed(CONSTANT, &malformed))
        }
        (path, None) => {
            ClaimSource::user(path).map_err(|malformed| Refusal::malformed("claim_mapping.user_claim", &malformed))
        }
        (_, Some(_)) => Err(Refusal::field(CONSTANT, "must not be set beside user_claim")),
    }
}

/// Where the claim goes.
pub(super) fn read_targets(sent: &v1::ClaimMapping) -> Result<BTreeSet<ClaimTarget>, Refusal> {
    let read = |(at, number): (usize, &i32)| match Target::try_from(*number) {
        Ok(Target::IdToken) => Ok(ClaimTarget::IdToken),
        Ok(Target::AccessToken) => Ok(ClaimTarget::AccessToken),
        Ok(Target::Userinfo) => Ok(ClaimTarget::Userinfo),
        Ok(Target::Unspecified) | Err(_) => {
            Err(Refusal::field(format!("claim_mapping.targets[{at}]"), "must be a target that this server knows"))
        }
    };
    sent.targets.iter().enumerate().map(read).collect()
}

const fn target(place: ClaimTarget) -> Target {
    match place {
        ClaimTarget::IdToken => Target::IdToken,
        ClaimTarget::AccessToken => Target::AccessToken,
        ClaimTarget::Userinfo => Target::Userinfo,
    }
}
