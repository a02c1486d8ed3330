//! The revocation endpoint (RFC 7009 section 2).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chancery_oauth::revoke;

use crate::{error::Problem, extract::credentials::ClientCall, front::Front};

/// Takes a token back. One that is not known is not good either, so that is a success.
pub(crate) async fn revoke(State(front): State<Arc<Front>>, call: ClientCall) -> Response {
    let answer = taken_back(&front, &call).await;
    call.answer(&front, answer).await
}

async fn taken_back(front: &Front, call: &ClientCall) -> Result<Response, Problem> {
    call.must_be_served()?;
    revoke::revoke(&front.oauth, &call.view, &call.credentials, &call.parameters).await?;
    Ok(().into_response())
}
