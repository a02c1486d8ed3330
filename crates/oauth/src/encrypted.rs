//! What only the client can read (RFC 7516): under one of the keys that it registered or publishes.

use std::sync::Arc;

use chancery_domain::{
    client::{Client, Encryption},
    fault::Fault,
    ports::client_jose::{ClientKeySet, Content, NotEncrypted},
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
    keys(cx, view, client).await?.encrypt(how, content).map_err(|error| match error {
        NotEncrypted::NoKey => no_key(client),
        NotEncrypted::Fault(fault) => Unreadable::Ours(fault),
    })
}

/// Whether something could be encrypted for that client.
pub(crate) async fn check(cx: &Context, view: &TenantView, client: &Client, how: Encryption) -> Result<(), Unreadable> {
    if keys(cx, view, client).await?.can_encrypt(how) { Ok(()) } else { Err(no_key(client)) }
}

async fn keys(cx: &Context, view: &TenantView, client: &Client) -> Result<Arc<dyn ClientKeySet>, Unreadable> {
    cx.client_key_sets.of(view.tenant.id, client).await.map_err(|why| {
        tracing::info!(client.id = client.id.as_str(), %why, "nothing can be encrypted for a client");
        Unreadable::NoKey
    })
}

fn no_key(client: &Client) -> Unreadable {
    tracing::info!(client.id = client.id.as_str(), "a client has no key to encrypt to");
    Unreadable::NoKey
}

impl From<Unreadable> for OAuthError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::NoKey => Self::invalid_request(NO_KEY),
            Unreadable::Ours(fault) => Self::Ours(fault),
        }
    }
}
