//! What somebody sees who comes to the host itself. It tells nothing about who lives here.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    chrome::Chrome,
    page,
    policy::{self, Forms},
};
use crate::front::Front;

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing<'a> {
    chrome: Chrome<'a>,
}

/// The page.
pub(crate) async fn show(State(front): State<Arc<Front>>) -> Response {
    page(StatusCode::OK, &Landing { chrome: Chrome::of(&front, None) }, policy::without_script(Forms::StayHere))
}
