//! A user as message, and a message as user.

use chancery_domain::{
    id::TenantSlug,
    time::Timestamp,
    user::{User, UserState, Username},
    version::Version,
};
use chancery_proto::v1;

use super::claims;
use crate::{etag, name, span, status::Refusal, text};

/// The user as callers see it: whether there is a password, never which.
pub(super) fn of(tenant: &TenantSlug, user: &User) -> v1::User {
    let state = match user.state() {
        UserState::Enabled => v1::user::State::Enabled,
        UserState::Disabled => v1::user::State::Disabled,
    };
    v1::User {
        name: name::within(tenant, "users", user.id),
        uid: user.id.to_string(),
        username: user.username.as_str().to_owned(),
        email: user.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        email_verified: user.email_verified,
        claims: claims::write(&user.claims),
        state: state.into(),
        password_set: user.password.is_some(),
        create_time: Some(span::moment(user.created_at)),
        update_time: Some(span::moment(user.updated_at)),
        etag: etag(user),
    }
}

/// The user as callers see it once it was written.
pub(super) fn of_written(tenant: &TenantSlug, mut user: User, version: Version, now: Timestamp) -> v1::User {
    (user.version, user.updated_at) = (version, now);
    of(tenant, &user)
}

/// The tag of a user as they stand.
pub(super) fn etag(user: &User) -> String {
    etag::of(user.id, user.version)
}

/// The name that was sent.
pub(super) fn username(sent: &v1::User) -> Result<Username, Refusal> {
    text::read("user.username", &sent.username)
}

/// The user with what was sent; id, password and state stay.
pub(super) fn read(sent: v1::User, mut user: User) -> Result<User, Refusal> {
    user.username = username(&sent)?;
    user.email = text::optional("user.email", &sent.email)?;
    user.email_verified = sent.email_verified && user.email.is_some();
    user.claims = claims::read(sent.claims)?;
    Ok(user)
}
