//! An initial access token as message: never its text.

use chancery_domain::{id::TenantSlug, registration::InitialAccessToken};
use chancery_proto::v1;

use crate::{name, span};

/// The token as callers see it.
pub(super) fn of(tenant: &TenantSlug, token: &InitialAccessToken) -> v1::InitialAccessToken {
    v1::InitialAccessToken {
        name: name::within(tenant, "initialAccessTokens", token.id),
        uid: token.id.to_string(),
        display_name: token.display_name.clone(),
        hint: token.hint.clone(),
        remaining_uses: i32::try_from(token.uses_left).unwrap_or(i32::MAX),
        create_time: Some(span::moment(token.created_at)),
        expire_time: Some(span::moment(token.expires_at)),
    }
}
