//! The registration endpoint (RFC 7591 section 3), and for each client that registered itself one of its own (RFC 7592
//! section 2).

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, RawPathParams, Request, State},
    response::{IntoResponse, Response},
};
use chancery_accounts::throttle::TooMany;
use chancery_domain::{secret::Secret, view::TenantView};
use chancery_oauth::{
    error::OAuthError,
    registration::{self, RegistrationRefused},
    userinfo::Scheme,
};
use http::{HeaderMap, StatusCode};

use crate::{
    cors,
    error::{BearerProblem, Problem, json},
    extract::{bearer, json as body, source, tenant::Serving},
    front::Front,
};

/// Somebody who registers a client, or a client that manages its registration.
pub(crate) struct Registrar {
    view: Arc<TenantView>,
    source: IpAddr,
    /// The client of the path; empty at the endpoint itself.
    client: String,
    headers: HeaderMap,
    request: Request,
}

impl Registrar {
    fn token(&self) -> Result<Option<Secret>, BearerProblem> {
        bearer::bearer_from_header(&self.headers).map_err(BearerProblem::Other)
    }

    async fn body(request: Request) -> Result<Vec<u8>, BearerProblem> {
        body::read(request, registration::LONGEST).await.map_err(BearerProblem::Other)
    }

    /// The answer: readable for every page where everybody may register.
    fn answer(view: &TenantView, answer: Result<Response, BearerProblem>) -> Response {
        let mut response = answer.unwrap_or_else(|problem| match problem {
            // What is wrong with the body is no matter of the token.
            BearerProblem::Other(problem) => problem.into_response(),
            BearerProblem::Missing
            | BearerProblem::InvalidToken
            | BearerProblem::InsufficientScope
            | BearerProblem::Misused(_)
            | BearerProblem::Proof(_) => problem.answer(&view.issuer, Scheme::Bearer),
        });
        cors::open_to_all(view, &mut response);
        response
    }
}

impl FromRequest<Arc<Front>> for Registrar {
    type Rejection = Response;

    async fn from_request(request: Request, front: &Arc<Front>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Serving(view) = Serving::from_request_parts(&mut parts, front).await?;
        let params = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
        let client = params.as_ref().and_then(|params| params.iter().find(|(name, _)| *name == "client"));
        let client = client.map(|(_, id)| id.to_owned()).unwrap_or_default();
        let (source, headers) = (source::address(front.trusted_proxies, &parts), parts.headers.clone());
        Ok(Self { view, source, client, headers, request: Request::from_parts(parts, body) })
    }
}

/// A new client.
pub(crate) async fn register(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let view = Arc::clone(&call.view);
    Registrar::answer(&view, created(&front, call).await)
}

async fn created(front: &Front, call: Registrar) -> Result<Response, BearerProblem> {
    let policy = &call.view.tenant.settings.registration;
    if policy.is_closed() {
        return Err(refused(RegistrationRefused::Closed));
    }
    let waited = front.accounts.throttle.registration(
        call.view.tenant.id,
        call.source,
        policy.most_per_source,
        front.oauth.clock.now(),
    );
    waited.map_err(|TooMany { retry_after }| refused(OAuthError::TooMany { retry_after }.into()))?;
    let token = call.token()?;
    let view = Arc::clone(&call.view);
    let body = Registrar::body(call.request).await?;
    let told = registration::register(&front.oauth, &view, token.as_ref(), &body).await.map_err(refused)?;
    let mut response = json(&told);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// The registration of a client.
pub(crate) async fn read(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let (token, view, client) = (call.token(), call.view, call.client);
    let answer = async {
        let told = registration::read(&front.oauth, &view, &client, token?.as_ref()).await;
        Ok(json(&told.map_err(refused)?))
    };
    let answer = answer.await;
    Registrar::answer(&view, answer)
}

/// Another registration in its place.
pub(crate) async fn change(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let view = Arc::clone(&call.view);
    Registrar::answer(&view, changed(&front, call).await)
}

async fn changed(front: &Front, call: Registrar) -> Result<Response, BearerProblem> {
    let (token, view, client) = (call.token()?, Arc::clone(&call.view), call.client);
    let body = Registrar::body(call.request).await?;
    let told = registration::change(&front.oauth, &view, &client, token.as_ref(), &body).await;
    Ok(json(&told.map_err(refused)?))
}

/// The client goes.
pub(crate) async fn remove(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let (token, view, client) = (call.token(), call.view, call.client);
    let answer = async {
        let gone = registration::remove(&front.oauth, &view, &client, token?.as_ref()).await;
        gone.map_err(refused)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    let answer = answer.await;
    Registrar::answer(&view, answer)
}

fn refused(refused: RegistrationRefused) -> BearerProblem {
    match refused {
        RegistrationRefused::Closed => BearerProblem::Other(Problem::RegistrationClosed),
        RegistrationRefused::Disabled => BearerProblem::Other(Problem::ClientDisabled),
        RegistrationRefused::NoToken => BearerProblem::Missing,
        RegistrationRefused::WrongToken => BearerProblem::InvalidToken,
        RegistrationRefused::OAuth(error) => BearerProblem::Other(error.into()),
    }
}
