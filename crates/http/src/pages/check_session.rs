//! The page that says whether a session is the same (OpenID Connect Session Management 1.0 section 3.3).
//!
//! Pages of applications have it in a frame and ask it by message. It is the same for everybody, calls nobody and is the
//! only page of ours that may stand in a frame: there is nothing on it that anybody could be made to press. Its script
//! is plain ES5 and brings its own SHA-256, because `crypto.subtle` is not there without TLS.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY},
};

use crate::{error::Problem, extract::tenant::Serving};

/// The whole of it.
const PAGE: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"robots\" content=\"noindex\">\n\
     <title>Session</title>\n<script>",
    include_str!("../../assets/check_session.js"),
    "</script>\n</head>\n<body></body>\n</html>\n"
);

/// Nothing but that script. Which applications may ask cannot be told by where they stand: whoever asks must know what
/// the answer is a hash of.
const POLICY: &str = "default-src 'none'; script-src 'sha256-cugykw3/mxJsBGBfaq3ya3tRwZZYYqLLLGtBc7W3ADU='; \
                      form-action 'none'; base-uri 'none'; frame-ancestors *";

/// The page, where the tenant has it.
pub(crate) async fn page(Serving(view): Serving) -> Response {
    if !view.tenant.session_management() {
        return Problem::NotFound.into_response();
    }
    let mut response = Response::new(Body::from(PAGE));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_that_we_send() {
        let script = PAGE.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).expect("a script");
        let hash = STANDARD.encode(Sha256::digest(script));
        assert!(POLICY.contains(&format!("script-src 'sha256-{hash}';")), "{hash}");
    }

    /// The conformance suite looks at the page with an old engine.
    #[test]
    fn the_script_is_plain_es5() {
        for newer in ["=>", "const ", "let ", "crypto", "`", "class ", "async", "..."] {
            assert!(!PAGE.contains(newer), "{newer}");
        }
    }
}
