//! The `UserInfo` endpoint (OpenID Connect Core section 5.3), a resource protected by a bearer token (RFC 6750).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chancery_domain::{
    certificate::ClientCertificate,
    id::ClientId,
    secret::{Secret, from_base64url},
    view::TenantView,
};
use chancery_oauth::userinfo::{self, Told};
use http::HeaderMap;

use crate::{
    cors,
    error::{BearerProblem, json, jwt},
    extract::{bearer::Bearer, certificate::Shown, tenant::Published},
    front::Front,
    layers::line,
};

/// The claims of the user whom the token speaks of.
pub(crate) async fn claims(
    State(front): State<Arc<Front>>,
    Published(view): Published,
    headers: HeaderMap,
    Shown(certificate): Shown,
    token: Result<Bearer, crate::error::Problem>,
) -> Response {
    let origin = cors::web_origin(&headers).cloned();
    let client = token.as_ref().ok().and_then(|Bearer(token)| token.as_ref()).and_then(client_of);
    if let Some(client) = &client {
        line::named_client(&front, &view, client).await;
    }
    let answer = match token {
        Ok(Bearer(Some(token))) => told(&front, &view, &token, certificate.as_deref()).await,
        Ok(Bearer(None)) => Err(BearerProblem::Missing),
        Err(problem) => Err(BearerProblem::Other(problem)),
    };
    let mut response = answer.unwrap_or_else(|problem| problem.answer(&view.issuer).into_response());
    cors::reflect(&front, &view, origin, client.as_ref(), &mut response).await;
    response
}

async fn told(
    front: &Front,
    view: &TenantView,
    token: &Secret,
    shown: Option<&ClientCertificate>,
) -> Result<Response, BearerProblem> {
    // Exposed to the one use-case that reads it.
    Ok(match userinfo::told(&front.oauth, view, token.expose(), shown).await? {
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
