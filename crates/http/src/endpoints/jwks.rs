//! The JWK Set (RFC 7517 section 5).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;

use super::published;
use crate::{error::Problem, extract::tenant::Published, front::Front};

/// The public keys of the issuer. A set that may be out of date is not given out: a verifier that caches it would
/// refuse what another replica signs with a newer key.
pub(crate) async fn set(
    State(front): State<Arc<Front>>,
    Published(view): Published,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = front.oauth.clock.now();
    if !view.may_serve_keys(now) {
        return Err(Problem::Stale);
    }
    Ok(published::answer(&view.jwk_set, view.jwk_set_max_age(now), &headers))
}
