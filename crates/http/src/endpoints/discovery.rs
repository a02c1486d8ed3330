//! Metadata (OpenID Connect Discovery section 4, RFC 8414 section 3).

use axum::response::Response;
use http::HeaderMap;

use super::published;
use crate::extract::tenant::Published;

/// The document of the issuer, the same under each of its addresses.
pub(crate) async fn document(Published(view): Published, headers: HeaderMap) -> Response {
    published::answer(&view.discovery, view.key_policy.max_age, &headers)
}
