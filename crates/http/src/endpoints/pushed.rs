//! The pushed authorization request endpoint (RFC 9126 section 2). It has no CORS: whoever pushes is a program.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_accounts::throttle::TooMany;
use chancery_oauth::{error::OAuthError, pushed};
use http::StatusCode;

use crate::{
    error::{Problem, json},
    extract::credentials::ClientCall,
    front::Front,
};

/// A request for a reference.
pub(crate) async fn push(State(front): State<Arc<Front>>, call: ClientCall) -> Response {
    let answer = reference(&front, &call).await;
    call.answer(&front, answer).await
}

async fn reference(front: &Front, call: &ClientCall) -> Result<Response, Problem> {
    call.must_be_served()?;
    is_let_through(front, call).await?;
    let pushed = pushed::push(&front.oauth, &call.view, &call.credentials, &call.parameters).await?;
    let mut response = json(&pushed);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Counts what comes in the name of a client that proves nothing, so that nobody can take all that its users may have
/// waiting.
async fn is_let_through(front: &Front, call: &ClientCall) -> Result<(), Problem> {
    let tenant = call.view.tenant.id;
    let client = front.oauth.directory.client(tenant, call.credentials.client_id()).await?;
    let Some(client) = client.filter(|client| client.is_public()) else { return Ok(()) };
    let counted = front.accounts.throttle.unproven_push(tenant, client.uid, call.source, front.oauth.clock.now());
    counted.map_err(|TooMany { retry_after }| OAuthError::TooMany { retry_after }.into())
}
