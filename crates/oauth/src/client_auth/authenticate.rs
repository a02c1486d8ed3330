//! Deciding whether a client is who it says.

use std::{hint::black_box, sync::Arc};

use chancery_domain::{
    client::Client,
    secret::{Digest, OpaqueToken},
    time::Timestamp,
    view::TenantView,
    vocabulary::ClientAuthMethod,
};

use super::credentials::{Credentials, Proof};
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
    let client = cx.directory.client(view.tenant.id, &credentials.client).await?;
    let proven = match &credentials.proof {
        Proof::Nothing => client.as_deref().is_some_and(Client::is_public),
        Proof::Secret(method, secret) => proves(client.as_deref(), *method, secret.as_ref(), cx.clock.now()),
    };
    client.filter(|client| proven && client.is_enabled()).ok_or_else(OAuthError::invalid_client)
}

/// Whether the secret is one of the client's, by a method that it uses. Without a client as much is computed as with.
fn proves(client: Option<&Client>, method: ClientAuthMethod, secret: Option<&OpaqueToken>, now: Timestamp) -> bool {
    let Some(secret) = secret else { return false };
    if let Some(client) = client {
        return client.knows_secret(secret, now) && client.auth_methods.contains(&method);
    }
    black_box(secret.digest() == NOBODY);
    false
}
