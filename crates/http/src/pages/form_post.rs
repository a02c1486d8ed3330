//! An answer to the client as a form that the browser posts (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{
    chrome::Chrome,
    page, policy,
    sending::{SCRIPT, SCRIPT_HASH},
};
use crate::extract::visit::Visit;

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    chrome: Chrome<'a>,
    action: &'a str,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

/// The page that carries the answer.
pub(crate) fn show(visit: &Visit, action: &str, fields: &[(&'static str, String)]) -> Response {
    let template = FormPost { chrome: Chrome::of(&visit.front, Some(&visit.view)), action, fields, script: SCRIPT };
    page(StatusCode::OK, &template, policy::with_script(SCRIPT_HASH))
}
