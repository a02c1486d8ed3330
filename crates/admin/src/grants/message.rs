//! A grant as message.

use chancery_domain::{
    grant::{GrantState, RevocationReason},
    id::TenantSlug,
    ports::grants::ListedGrant,
    time::Timestamp,
};
use chancery_proto::v1::{self, grant};

use crate::{name, span};

/// The grant as callers see it.
pub(super) fn of(tenant: &TenantSlug, listed: &ListedGrant, now: Timestamp) -> v1::Grant {
    let ListedGrant { grant, client } = listed;
    let state = match grant.state(now) {
        GrantState::Live => grant::State::Live,
        GrantState::Revoked => grant::State::Revoked,
        GrantState::Expired => grant::State::Expired,
    };
    let reason = grant.revoked.map_or(grant::RevokeReason::Unspecified, |(_, reason)| revoke_reason(reason));
    v1::Grant {
        name: name::within(tenant, "grants", grant.id),
        user: name::within(tenant, "users", grant.user),
        client: name::within(tenant, "clients", client),
        session: name::within(tenant, "sessions", grant.session),
        scopes: grant.scopes.iter().map(ToString::to_string).collect(),
        offline: grant.is_offline(),
        state: state.into(),
        authenticate_time: Some(span::moment(grant.authenticated_at)),
        create_time: Some(span::moment(grant.created_at)),
        expire_time: Some(span::moment(grant.expires_at)),
        revoke_time: grant.revoked.map(|(at, _)| span::moment(at)),
        revoke_reason: reason.into(),
    }
}

const fn revoke_reason(reason: RevocationReason) -> grant::RevokeReason {
    match reason {
        RevocationReason::CodeReplayed => grant::RevokeReason::CodeReplayed,
        RevocationReason::RefreshReplayed => grant::RevokeReason::RefreshReplayed,
        RevocationReason::ByClient => grant::RevokeReason::Client,
        RevocationReason::SignedOut => grant::RevokeReason::SignOut,
        RevocationReason::ByAdmin => grant::RevokeReason::Admin,
    }
}
