//! Which pages of other origins may read our answers (the Fetch standard, section 3.3).
//!
//! Metadata and keys are for everybody. The token, revocation and `UserInfo` endpoints answer a browser application
//! from an origin that is registered with **the client that the request names**, and no other; credentials mode is
//! never allowed, since none of these endpoints reads a cookie.
//!
//! A preflight names no client. It is answered with yes to the origins of all clients of the tenant: that lets a page of
//! theirs *send* what it holds already (its code or token in a form or header), and reading the answer still needs the
//! origin of the very client. The authorization endpoint and the pages have no CORS at all.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chancery_domain::{client, id::ClientId, registration::RegistrationAccess, view::TenantView};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, ORIGIN, VARY,
    },
};

use crate::{error::NO_STORE, extract::tenant::Published, front::Front};

/// Any page may read this.
pub(crate) const ANYBODY: HeaderValue = HeaderValue::from_static("*");

/// What pages may read of the headers of an answer for them.
const EXPOSED: HeaderValue = HeaderValue::from_static("www-authenticate, retry-after, dpop-nonce");

/// The answer to a preflight of a document that is for everybody.
pub(crate) async fn preflight_public() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY),
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD")),
        (ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*")),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The answer to a preflight of an endpoint for clients.
pub(crate) async fn preflight(
    State(front): State<Arc<Front>>,
    Published(view): Published,
    headers: HeaderMap,
) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    answer.insert(VARY, HeaderValue::from_static("origin"));
    answer.insert(CACHE_CONTROL, NO_STORE);
    if let Some(origin) = web_origin(&headers)
        && is_of_a_client(&front, &view, origin).await
    {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, dpop"));
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    }
    response
}

/// Whether some client of the tenant allows that origin. A directory that does not answer lets nobody in.
async fn is_of_a_client(front: &Front, view: &TenantView, origin: &HeaderValue) -> bool {
    let Ok(origins) = front.oauth.directory.origins(view.tenant.id).await else { return false };
    origin.to_str().is_ok_and(|origin| origins.contains(origin))
}

/// The answer to a preflight of client registration. Whose page it is cannot be told before there is a client.
pub(crate) async fn preflight_registration() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY),
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE")),
        (ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type")),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200")),
        (CACHE_CONTROL, NO_STORE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Lets every page read what registration answers, where everybody may register: whoever has the address can have it said
/// again by any program. Where an initial access token is needed, no page of a stranger has one.
pub(crate) fn open_to_all(view: &TenantView, response: &mut Response) {
    if view.tenant.settings.registration.access == RegistrationAccess::Open {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate, retry-after"));
    }
}

/// The origin of the page that sends the request, if it is one that a client can register; `null` is none.
pub(crate) fn web_origin(headers: &HeaderMap) -> Option<&HeaderValue> {
    let value = headers.get(ORIGIN)?;
    value.to_str().is_ok_and(|text| client::origin(text).is_ok()).then_some(value)
}

/// Lets the page at `origin` read the answer if the client allows it.
pub(crate) async fn reflect(
    front: &Front,
    view: &TenantView,
    origin: Option<HeaderValue>,
    client: Option<&ClientId>,
    response: &mut Response,
) {
    let (Some(origin), Some(client)) = (origin, client) else { return };
    response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
    // A directory that does not answer lets nobody read; the request itself has been answered already.
    let Ok(Some(client)) = front.oauth.directory.client(view.tenant.id, client).await else { return };
    let listed =
        client.is_enabled() && client.allowed_origins.iter().any(|known| known.as_bytes() == origin.as_bytes());
    if listed {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
