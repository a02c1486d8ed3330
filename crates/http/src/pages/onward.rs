//! The page between a request that is refused and a client that nobody vouches for. Who registers a client and lets it ask
//! for what it cannot have would otherwise get a redirect of ours to wherever they like (RFC 9700 section 4.11.2).

use askama::Template;
use axum::response::Response;
use chancery_oauth::authorize::Carried;
use http::StatusCode;

use super::{
    application,
    chrome::Chrome,
    page,
    policy::{self, Forms},
    words::Words,
};
use crate::extract::visit::Visit;

#[derive(Template)]
#[template(path = "onward.html")]
struct Onward<'a> {
    chrome: Chrome<'a>,
    destination: String,
    /// Where a link leads; none where a form does.
    url: Option<&'a str>,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

/// The page, in the first of these languages that we have. The answer goes on when the person wants it to.
pub(crate) fn show(visit: &Visit, carried: &Carried, languages: &[String]) -> Response {
    let (target, url, fields) = match carried {
        Carried::Redirect(url) => (url, Some(url.as_str()), &[][..]),
        Carried::Form { action, fields } => (action, None, fields.as_slice()),
    };
    let chrome = Chrome::of(&visit.front, Some(&visit.view)).speaking(Words::among(languages));
    let forms = if url.is_some() { Forms::StayHere } else { Forms::LeadOn };
    let template = Onward { chrome, destination: application::destination(target), url, action: target, fields };
    page(StatusCode::BAD_REQUEST, &template, policy::without_script(forms))
}
