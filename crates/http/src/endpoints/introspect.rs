//! The introspection endpoint (RFC 7662 section 2). It has no CORS: browsers have no business here.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_oauth::introspect;

use crate::{error::json, extract::credentials::ClientCall, front::Front};

/// Whether a token is good, and what it says. At a suspended issuer no token is.
pub(crate) async fn introspect(State(front): State<Arc<Front>>, call: ClientCall) -> Response {
    let told = introspect::introspect(&front.oauth, &call.view, &call.credentials, &call.parameters).await;
    let answer = told.map(|members| json(&members)).map_err(Into::into);
    call.answer(&front, answer).await
}
