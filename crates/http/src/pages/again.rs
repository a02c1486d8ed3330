//! A question that a page of another site posted, asked once more from here.
//!
//! A browser does not send our cookies (`SameSite=Lax`) with such a form, so that somebody who is signed in would look as
//! if they were not. Asked once more from this site, the question arrives with them: by a redirect where it fits into a
//! query, else by a page whose form posts it. Neither sets a cookie, because those that the browser has were not seen.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{
    chrome::Chrome,
    error, page, policy, redirect,
    sending::{SCRIPT, SCRIPT_HASH},
};
use crate::{
    error::Problem,
    extract::{asked::Asked, same_origin::Sender, visit::Visit},
};

/// Says that this page posted the form. It is no proof, and believed only of browsers that cannot say so themselves: else
/// they would be sent round for ever where there are no cookies.
const MARK: &str = "posted_again";

#[derive(Template)]
#[template(path = "again.html")]
struct Again<'a> {
    chrome: Chrome<'a>,
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
    mark: &'static str,
    script: &'static str,
}

/// What is answered instead, where the browser may have kept our cookies back.
pub(crate) fn instead(visit: &Visit, asked: &Result<Asked, Problem>, endpoint: &str) -> Option<Response> {
    let asked = asked.as_ref().ok().filter(|asked| asked.is_form())?;
    let is_marked = || asked.parameters.pairs().any(|(name, _)| name == MARK);
    let may_lack_cookies = match visit.sender {
        Sender::OurSite => false,
        Sender::OtherSite => true,
        Sender::Unnamed | Sender::Untold => !visit.brought_cookies() && !is_marked(),
    };
    may_lack_cookies.then(|| from_here(visit, asked, &visit.view.issuer.at(endpoint)))
}

fn from_here(visit: &Visit, asked: &Asked, action: &str) -> Response {
    if let Some(url) = asked.as_get(action) {
        return redirect(&url).unwrap_or_else(|problem| error::show(&visit.front, Some(&visit.view), &problem));
    }
    let chrome = Chrome::of(&visit.front, Some(&visit.view));
    let fields = asked.parameters.pairs().collect();
    let template = Again { chrome, action, fields, mark: MARK, script: SCRIPT };
    page(StatusCode::OK, &template, policy::with_script(SCRIPT_HASH))
}
