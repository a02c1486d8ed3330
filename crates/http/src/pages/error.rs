//! The page that tells why something cannot go on.

use askama::Template;
use axum::response::Response;
use chancery_domain::view::TenantView;
use http::StatusCode;

use super::{
    chrome::Chrome,
    page,
    policy::{self, Forms},
};
use crate::{error::Problem, front::Front};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    chrome: Chrome<'a>,
    heading: &'static str,
    advice: &'static str,
    code: &'static str,
    hint: &'a str,
}

/// The problem as a page. It never leads anywhere by itself.
pub(crate) fn show(front: &Front, view: Option<&TenantView>, problem: &Problem) -> Response {
    problem.log();
    let status = problem.page_status();
    let (heading, advice) = words(status);
    let template =
        ErrorPage { chrome: Chrome::of(front, view), heading, advice, code: problem.code(), hint: problem.hint() };
    let mut response = page(status, &template, policy::without_script(Forms::StayHere));
    problem.mark(response.headers_mut());
    response
}

/// What to say first, and what the person can do.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    if status == StatusCode::NOT_FOUND {
        return ("There is nothing here", "Check the address, or go back to the application you came from.");
    }
    if status.is_server_error() {
        return ("This does not work right now", "It is not your fault. Wait a moment, then try again.");
    }
    if status == StatusCode::FORBIDDEN {
        return ("This is not possible", "Go back to the application you came from and begin again.");
    }
    (
        "This request cannot be answered",
        "Go back to the application you came from and try again. If it happens once more, tell the people who run \
         it; the code below will help them.",
    )
}
