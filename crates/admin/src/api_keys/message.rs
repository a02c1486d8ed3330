//! An API key as message: never its text.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    id::{TenantId, TenantSlug},
    source_range::SourceRange,
};
use chancery_proto::v1;

use crate::{name, span, status::Refusal, text};

/// The key as callers see it; `tenant` is the one that it belongs to, if it belongs to one.
pub(crate) fn of(tenant: Option<&TenantSlug>, key: &AdminKey) -> v1::ApiKey {
    let platform = || format!("apiKeys/{}", key.id);
    v1::ApiKey {
        name: tenant.map_or_else(platform, |tenant| name::within(tenant, "apiKeys", key.id)),
        uid: key.id.to_string(),
        display_name: key.display_name.clone(),
        hint: key.hint.clone(),
        create_time: Some(span::moment(key.created_at)),
        expire_time: Some(span::moment(key.expires_at)),
        source_ranges: key.source_ranges.iter().map(SourceRange::to_string).collect(),
    }
}

/// The ranges that a request names.
pub(super) fn read_source_ranges(sent: &[String]) -> Result<Vec<SourceRange>, Refusal> {
    if sent.len() > SourceRange::MOST {
        return Err(Refusal::field("api_key.source_ranges", format!("must be at most {}", SourceRange::MOST)));
    }
    let read = |(at, sent): (usize, &String)| text::read(format!("api_key.source_ranges[{at}]"), sent);
    sent.iter().enumerate().map(read).collect()
}

/// The tenant of that reach, for the audit.
pub(super) const fn tenant(reach: AdminReach) -> Option<TenantId> {
    match reach {
        AdminReach::Platform => None,
        AdminReach::Tenant(tenant) => Some(tenant),
    }
}
