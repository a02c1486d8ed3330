//! The JSON in a body: what registers a client, and nothing else.

use axum::extract::Request;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::form;
use crate::error::Problem;

/// The bytes of a JSON body of at most so many bytes, that nothing was done to.
pub(crate) async fn read(request: Request, most: usize) -> Result<Vec<u8>, Problem> {
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") || parts.headers.contains_key(CONTENT_ENCODING) {
        return Err(Problem::NotJson);
    }
    Ok(form::read(&parts.headers, body, most).await?.to_vec())
}
