//! What only the client can read (RFC 7516): under one of the keys that it registered or publishes.

use chancery_domain::{
    client::{Client, Encryption},
    fault::Fault,
    ports::client_jose::{Content, NotEncrypted},
    view::TenantView,
};

use crate::{Context, error::OAuthError};

/// Why a client does not get what it wants encrypted.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It has no key that fits, or none that can be fetched: it is the client's to mend.
    NoKey,
    /// We failed.
    Ours(Fault),
}

/// What the client is told when it has no key.
pub const NO_KEY: &str = "the client has no public key to encrypt to in the way that it registered";

/// The content for that client alone.
pub(crate) async fn encrypt(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    how: Encryption,
    content: Content<'_>,
) -> Result<String, Unreadable> {
    let keys = cx.client_key_sets.of(view.tenant.id, client).await.map_err(|why| {
        tracing::info!(client.id = client.id.as_str(), %why, "nothing can be encrypted for a client");
        Unreadable::NoKey
    })?;
    keys.encrypt(how, content).map_err(|error| match error {
        NotEncrypted::NoKey => {
            tracing::info!(client.id = client.id.as_str(), "a client has no key to encrypt to");
            Unreadable::NoKey
        }
        NotEncrypted::Fault(fault) => Unreadable::Ours(fault),
    })
}

impl From<Unreadable> for OAuthError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::NoKey => Self::invalid_request(NO_KEY),
            Unreadable::Ours(fault) => Self::Ours(fault),
        }
    }
}
