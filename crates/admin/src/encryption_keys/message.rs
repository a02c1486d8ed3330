//! An encryption key as message.

use chancery_domain::{
    encryption_key::{EncryptionKey, EncryptionKeyState},
    id::TenantSlug,
};
use chancery_proto::v1::{self, encryption_key::State};

use crate::{name, span};

/// The key as callers see it.
pub(super) fn of(tenant: &TenantSlug, key: &EncryptionKey) -> v1::EncryptionKey {
    let (state, replace_at, withdrawn_at, destroy_at) = match key.state() {
        EncryptionKeyState::Published { replace_at } => (State::Published, Some(replace_at), None, None),
        EncryptionKeyState::Withdrawn { withdrawn_at, destroy_at } => {
            (State::Withdrawn, None, Some(withdrawn_at), Some(destroy_at))
        }
    };
    v1::EncryptionKey {
        name: name::within(tenant, "encryptionKeys", &key.id),
        state: state.into(),
        algorithms: key.kind.algorithms().iter().map(ToString::to_string).collect(),
        create_time: Some(span::moment(key.created_at)),
        replace_time: replace_at.map(span::moment),
        withdraw_time: withdrawn_at.map(span::moment),
        destroy_time: destroy_at.map(span::moment),
    }
}
