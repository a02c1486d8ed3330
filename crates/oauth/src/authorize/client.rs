//! Which client asks.

use std::sync::Arc;

use chancery_domain::{client::Client, id::ClientId, view::TenantView};

use crate::{Context, error::OAuthError, parameters::Parameters};

/// The client that `client_id` names. One that is unknown, malformed, disabled or another tenant's is the same to the
/// caller.
pub(super) async fn check(cx: &Context, view: &TenantView, parameters: &Parameters) -> Result<Arc<Client>, OAuthError> {
    let id: ClientId = parameters.one("client_id")?.parse().map_err(|_| nobody())?;
    find(cx, view, &id).await
}

/// The enabled client of that id.
pub(super) async fn find(cx: &Context, view: &TenantView, id: &ClientId) -> Result<Arc<Client>, OAuthError> {
    let client = cx.directory.client(view.tenant.id, id).await?;
    client.filter(|client| client.is_enabled()).ok_or_else(nobody)
}

const fn nobody() -> OAuthError {
    OAuthError::invalid_request("client_id names no application that may sign people in here")
}
