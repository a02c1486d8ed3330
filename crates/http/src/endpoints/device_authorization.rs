//! The device authorization endpoint (RFC 8628 section 3.1).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_accounts::user_code;
use chancery_oauth::device::{self, Circumstances};

use crate::{
    error::{Problem, json},
    extract::credentials::ClientCall,
    front::Front,
};

/// A device asks for its codes.
pub(crate) async fn begin(State(front): State<Arc<Front>>, call: ClientCall) -> Response {
    let answer = codes(&front, &call).await;
    call.answer(&front, answer).await
}

async fn codes(front: &Front, call: &ClientCall) -> Result<Response, Problem> {
    call.must_be_served()?;
    let length = user_code::length(&front.accounts, &call.view).await?;
    let circumstances = Circumstances { place: call.source, length };
    let codes = device::begin(&front.oauth, &call.view, &call.credentials, &call.parameters, circumstances).await?;
    Ok(json(&codes))
}
