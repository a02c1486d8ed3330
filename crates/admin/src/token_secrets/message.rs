//! A token secret as message: never its text.

use chancery_domain::{
    id::TenantSlug,
    token_secret::{TokenSecret, TokenSecretState},
};
use chancery_proto::v1::{self, token_secret::State};

use crate::{name, span};

/// The secret as callers see it.
pub(super) fn of(tenant: &TenantSlug, secret: &TokenSecret) -> v1::TokenSecret {
    let (state, activated_at, retired_at) = match secret.state() {
        TokenSecretState::Waiting => (State::Waiting, None, None),
        TokenSecretState::Active { activated_at } => (State::Active, Some(activated_at), None),
        TokenSecretState::Retired { retired_at } => (State::Retired, None, Some(retired_at)),
    };
    v1::TokenSecret {
        name: name::within(tenant, "tokenSecrets", secret.id),
        uid: secret.id.to_string(),
        hint: secret.hint.clone(),
        state: state.into(),
        create_time: Some(span::moment(secret.created_at)),
        activate_time: activated_at.map(span::moment),
        retire_time: retired_at.map(span::moment),
    }
}
