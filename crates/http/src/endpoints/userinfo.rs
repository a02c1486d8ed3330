//! The `UserInfo` endpoint (OpenID Connect Core section 5.3), a resource protected by an access token: by itself (RFC 6750),
//! or with a proof of the key that it is bound to (RFC 9449 section 7).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chancery_domain::{
    id::ClientId,
    secret::{Secret, from_base64url},
    view::TenantView,
};
use chancery_oauth::userinfo::{self, Scheme, Told};
use http::{HeaderMap, Method};

use crate::{
    cors,
    error::{BearerProblem, json, jwt},
    extract::{
        bearer::{AccessToken, Presented},
        dpop,
        tenant::Published,
    },
    front::Front,
    layers::line,
};

/// The claims of the user whom the token speaks of.
pub(crate) async fn claims(
    State(front): State<Arc<Front>>,
    Published(view): Published,
    method: Method,
    headers: HeaderMap,
    token: Result<Presented, crate::error::Problem>,
) -> Response {
    let origin = cors::web_origin(&headers).cloned();
    let client = token.as_ref().ok().and_then(|Presented(token)| token.as_ref()).and_then(|it| client_of(&it.text));
    let scheme = token.as_ref().ok().and_then(|Presented(token)| Some(token.as_ref()?.scheme));
    let dpop = dpop::sent(&headers);
    if let Some(client) = &client {
        line::named_client(&front, &view, client).await;
    }
    let answer = match token {
        Ok(Presented(Some(AccessToken { text, scheme }))) => {
            // Exposed to the one use-case that reads it.
            let presented = userinfo::Presented { token: text.expose(), scheme, method: method.as_str(), dpop: &dpop };
            told(&front, &view, presented).await
        }
        Ok(Presented(None)) => Err(BearerProblem::Missing),
        Err(problem) => Err(BearerProblem::Other(problem)),
    };
    let needs_nonce = answer.as_ref().is_err_and(BearerProblem::needs_nonce);
    let mut response =
        answer.unwrap_or_else(|problem| problem.answer(&view.issuer, scheme.unwrap_or(Scheme::Bearer)).into_response());
    dpop::give_nonce(&front, &view, &dpop, needs_nonce, response.headers_mut());
    cors::reflect(&front, &view, origin, client.as_ref(), &mut response).await;
    response
}

async fn told(front: &Front, view: &TenantView, presented: userinfo::Presented<'_>) -> Result<Response, BearerProblem> {
    Ok(match userinfo::told(&front.oauth, view, presented).await? {
        Told::Claims(claims) => json(&claims),
        Told::Jwt(token) => jwt("application/jwt", token),
    })
}

/// The client that the token names. Nothing is proven here: it only says whose pages may read the answer, which they
/// may for every token of theirs, good or bad.
fn client_of(token: &Secret) -> Option<ClientId> {
    // Exposed to read one claim that is no secret.
    let payload = from_base64url(token.expose().split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get("client_id")?.as_str()?.parse().ok()
}
