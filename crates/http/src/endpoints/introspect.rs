//! The introspection endpoint (RFC 7662 section 2). It has no CORS: browsers have no business here.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chancery_oauth::introspect;

use http::{HeaderMap, header::ACCEPT};

use crate::{
    error::{json, jwt},
    extract::credentials::ClientCall,
    front::Front,
};

/// Whether a token is good, and what it says. At a suspended issuer no token is.
pub(crate) async fn introspect(State(front): State<Arc<Front>>, headers: HeaderMap, call: ClientCall) -> Response {
    let (view, credentials, parameters) = (&call.view, &call.credentials, &call.parameters);
    let answer = if wants_jwt(&headers) {
        let told = introspect::introspect_signed(&front.oauth, view, credentials, parameters).await;
        told.map(|token| jwt(SIGNED, token))
    } else {
        let told = introspect::introspect(&front.oauth, view, credentials, parameters).await;
        told.map(|members| json(&members))
    };
    call.answer(&front, answer.map_err(Into::into)).await
}

/// The type of signed answers (RFC 9701 section 4).
const SIGNED: &str = "application/token-introspection+jwt";

/// Whether the caller asks for a signed answer.
fn wants_jwt(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| {
        let mut types = value.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
        types.any(|one| one.eq_ignore_ascii_case(SIGNED))
    })
}
