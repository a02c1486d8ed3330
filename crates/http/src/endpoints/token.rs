//! The token endpoint (RFC 6749 section 3.2).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_oauth::token;

use crate::{
    error::{Problem, json},
    extract::credentials::ClientCall,
    front::Front,
};

/// A grant for tokens.
pub(crate) async fn exchange(State(front): State<Arc<Front>>, call: ClientCall) -> Response {
    let answer = tokens(&front, &call).await;
    call.answer(&front, answer).await
}

async fn tokens(front: &Front, call: &ClientCall) -> Result<Response, Problem> {
    call.must_be_served()?;
    let tokens = token::exchange(&front.oauth, &call.view, &call.credentials, &call.parameters).await?;
    Ok(json(&tokens))
}
