//! The pushed authorization request endpoint (RFC 9126 section 2). It has no CORS: whoever pushes is a program.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_oauth::pushed;
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
    let pushed = pushed::push(&front.oauth, &call.view, &call.credentials, &call.parameters).await?;
    let mut response = json(&pushed);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}
