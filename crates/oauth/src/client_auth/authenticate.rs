//! Deciding whether a client is who it says.

use std::{hint::black_box, sync::Arc};

use chancery_domain::{
    client::{Client, SecretUse},
    id::SecretId,
    secret::{Digest, OpaqueToken, Secret},
    time::Timestamp,
    view::TenantView,
    vocabulary::ClientAuthMethod,
};

use super::{
    assertion::{self, Proven},
    certificate,
    credentials::{Credentials, Proof},
};
use crate::{Context, error::OAuthError};

/// What the secret of a client that does not exist is compared with.
const NOBODY: Digest = Digest::from_bytes([0; 32]);

/// The client that these credentials prove, at a tenant that serves.
pub async fn authenticate(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
) -> Result<Arc<Client>, OAuthError> {
    if !view.tenant.is_active() {
        return Err(OAuthError::invalid_client());
    }
    prove(cx, view, credentials).await
}

/// The client that these credentials prove, whether or not its tenant serves.
pub(crate) async fn prove(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
) -> Result<Arc<Client>, OAuthError> {
    let (client, now) = (cx.directory.client(view.tenant.id, &credentials.client).await?, cx.clock.now());
    let (proven, used) = match &credentials.proof {
        Proof::Nothing => (by_connection(cx, view, client.as_deref(), credentials, now).await, None),
        Proof::Secret(method, secret) => {
            let used = proves(client.as_deref(), *method, secret.as_ref(), now);
            (used.is_some(), used)
        }
        Proof::Assertion(assertion) => (by_assertion(cx, view, client.as_deref(), assertion, now).await?, None),
    };
    let client = client.filter(|client| proven && client.is_enabled()).ok_or_else(OAuthError::invalid_client)?;
    if let Some(secret) = used {
        cx.store.secret_used(SecretUse { tenant: view.tenant.id, client: client.uid, secret, at: now });
    }
    Ok(client)
}

/// Whether somebody who sends nothing but a name is that client: a public one is, whoever it is, and so is one that the
/// certificate of its connection proves.
async fn by_connection(
    cx: &Context,
    view: &TenantView,
    client: Option<&Client>,
    credentials: &Credentials,
    now: Timestamp,
) -> bool {
    match (client, credentials.certificate.as_deref()) {
        (Some(client), _) if client.is_public() => true,
        (Some(client), Some(shown)) => certificate::proves(cx, view, client, shown, now).await,
        (None, _) | (Some(_), None) => false,
    }
}

/// Whether an assertion proves the client. One for a client that may do nothing is not even used up.
async fn by_assertion(
    cx: &Context,
    view: &TenantView,
    client: Option<&Client>,
    assertion: &Secret,
    now: Timestamp,
) -> Result<bool, OAuthError> {
    let Some(client) = client.filter(|client| client.is_enabled()) else { return Ok(false) };
    // Exposed to be verified.
    match assertion::proves(cx, view, client, assertion.expose(), now).await? {
        Proven::Yes => Ok(true),
        Proven::No => Ok(false),
        Proven::TooMany => Err(OAuthError::TooMany { retry_after: assertion::ROOM_WITHIN }),
    }
}

/// Which of the client's secrets it is, by a method that the client uses. Without a client as much is computed as with.
fn proves(
    client: Option<&Client>,
    method: ClientAuthMethod,
    secret: Option<&OpaqueToken>,
    now: Timestamp,
) -> Option<SecretId> {
    let secret = secret?;
    if let Some(client) = client {
        return client.secret_of(secret, now).filter(|_| client.auth_methods.contains(&method));
    }
    black_box(secret.digest() == NOBODY);
    None
}
