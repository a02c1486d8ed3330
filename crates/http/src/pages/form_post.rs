//! An answer to the client as a form that the browser posts (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{chrome::Chrome, page, policy};
use crate::extract::visit::Visit;

/// The script of this page, and the hash that its policy allows. Without scripts, people press
/// the button.
const SCRIPT: &str = "document.forms[0].submit()";
const SCRIPT_HASH: &str = "sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

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

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_that_we_send() {
        assert_eq!(SCRIPT_HASH, format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT))));
    }
}
