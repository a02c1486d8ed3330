//! Whether the process lives, and whether it should get traffic.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use crate::{error, front::Front};

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// The process is of use: its views are loaded and its database answers.
pub(crate) async fn ready(State(front): State<Arc<Front>>) -> Response {
    if (front.ready)() { "ready\n".into_response() } else { (error::NOT_READY, "not ready\n").into_response() }
}
