//! A key as message. Private parts have no field.

use chancery_domain::{
    id::TenantSlug,
    key::{Key, KeyState, Origin, Promise},
    key_policy::KeyPolicy,
};
use chancery_keys::size;
use chancery_proto::v1::{self, key};

use crate::{etag, name, span};

/// The key as callers see it; the policy says when it moves on.
pub(super) fn of(tenant: &TenantSlug, key: &Key, policy: &KeyPolicy) -> v1::Key {
    v1::Key {
        name: name::within(tenant, "keys", &key.id),
        uid: key.id.to_string(),
        algorithm: key.algorithm.to_string(),
        state: state(key.state()).into(),
        public_jwk: key.public_jwk.clone(),
        create_time: Some(span::moment(key.created_at)),
        announce_time: key.announced_at().map(span::moment),
        earliest_activate_time: key.earliest_activation(policy).map(span::moment),
        activate_time: key.activated_at().map(span::moment),
        deactivate_time: key.state().deactivated_at().map(span::moment),
        retire_time: key.retired_at().or(key.state().retire_at()).map(span::moment),
        etag: etag(key),
        origin: origin(key.origin).into(),
        thumbprint: key.thumbprint.clone().unwrap_or_default(),
        size_bits: size::bits(key).unwrap_or_default(),
        promised_life: Some(key.promise).filter(|promise| *promise != Promise::NONE).map(|it| span::span(it.life)),
        longer_promise_expire_time: key.promise.until.map(span::moment),
    }
}

/// The tag of a key as it stands.
pub(super) fn etag(key: &Key) -> String {
    etag::of(&key.id, key.version)
}

const fn origin(origin: Origin) -> key::Origin {
    match origin {
        Origin::Made => key::Origin::Made,
        Origin::Imported => key::Origin::Imported,
    }
}

/// The state as callers see it.
pub(super) const fn state(state: KeyState) -> key::State {
    use key::State;
    match state {
        KeyState::Generated => State::Generated,
        KeyState::Standby { .. } => State::Standby,
        KeyState::Active { .. } => State::Active,
        KeyState::Retiring { .. } => State::Retiring,
        KeyState::Retired { .. } => State::Retired,
        KeyState::Purged => State::Purged,
        KeyState::Tainted { .. } => State::Tainted,
        KeyState::Compromised { .. } => State::Compromised,
    }
}
