//! The style sheet and the seal, at addresses that change with their content, so that they can be kept for ever.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use bytes::Bytes;
use chancery_domain::secret::{Digest, base64url};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

use crate::front::Front;

/// Everything that a page loads.
pub(crate) struct Assets {
    /// The style sheet.
    pub(crate) style: Asset,
    /// The seal.
    pub(crate) seal: Asset,
}

/// One file.
pub(crate) struct Asset {
    /// Where it is.
    pub(crate) path: String,
    body: Bytes,
    kind: HeaderValue,
}

impl Assets {
    /// The files, served under that base path.
    pub(crate) fn under(base: &str) -> Self {
        const STYLE: &[u8] = include_bytes!("../../assets/chancery.css");
        const SEAL: &[u8] = include_bytes!("../../assets/seal.svg");
        Self {
            style: Asset::new(base, "css", STYLE, HeaderValue::from_static("text/css; charset=utf-8")),
            seal: Asset::new(base, "svg", SEAL, HeaderValue::from_static("image/svg+xml")),
        }
    }
}

impl Asset {
    fn new(base: &str, extension: &str, body: &'static [u8], kind: HeaderValue) -> Self {
        let digest = Digest::of("asset", body);
        let path = format!("{base}/assets/chancery-{}.{extension}", base64url(&digest.bytes()[..9]));
        Self { path, body: Bytes::from_static(body), kind }
    }

    fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.kind.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        response
    }
}

/// The style sheet.
pub(crate) async fn style(State(front): State<Arc<Front>>) -> Response {
    front.assets.style.answer()
}

/// The seal.
pub(crate) async fn seal(State(front): State<Arc<Front>>) -> Response {
    front.assets.seal.answer()
}
