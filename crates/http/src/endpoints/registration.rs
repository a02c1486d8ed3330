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

/// Somebody who registers a client, or a client that manages its registration, with what they send.
pub(crate) struct Registrar(Caller, Request);

struct Caller {
    view: Arc<TenantView>,
    source: IpAddr,
    /// The client of the path; empty at the endpoint itself.
    client: String,
    headers: HeaderMap,
}

impl Caller {
    fn token(&self) -> Result<Option<Secret>, BearerProblem> {
        bearer::bearer_from_header(&self.headers).map_err(BearerProblem::Other)
    }

    /// Counts a registration that is written, new or another in its place, or refuses it.
    fn is_counted(&self, front: &Front) -> Result<(), BearerProblem> {
        let most = self.view.tenant.settings.registration.most_per_source;
        let now = front.oauth.clock.now();
        front.accounts.throttle.registration(self.view.tenant.id, self.source, most, now).map_err(too_many)
    }

    /// The token that manages a registration, unless it comes too soon after too many that managed none.
    fn may_manage(&self, front: &Front) -> Result<Option<Secret>, BearerProblem> {
        let token = self.token()?;
        let now = front.oauth.clock.now();
        let waited = front.accounts.throttle.registration_may_be_tried(self.view.tenant.id, self.source, now);
        waited.map(|()| token).map_err(too_many)
    }

    /// Why nothing was managed. A token that manages nothing is counted, and what is worth telling of it is told once in an
    /// hour for each source.
    fn managed_nothing(&self, front: &Front, why: RegistrationRefused) -> BearerProblem {
        if let RegistrationRefused::NotManaged(told) = &why {
            let (throttle, tenant, now) = (&front.accounts.throttle, self.view.tenant.id, front.oauth.clock.now());
            throttle.registration_missed(tenant, self.source, now);
            if let Some(id) = told
                && throttle.registration_miss_is_told(tenant, self.source, now)
            {
                registration::tell_of_miss(&front.oauth, &self.view, id);
            }
        }
        refused(why)
    }
}

impl Registrar {
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
        let (source, headers) = (source::address(&front.trusted_proxies, &parts), parts.headers.clone());
        Ok(Self(Caller { view, source, client, headers }, Request::from_parts(parts, body)))
    }
}

/// A new client.
pub(crate) async fn register(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let view = Arc::clone(&call.0.view);
    Registrar::answer(&view, created(&front, call).await)
}

async fn created(front: &Front, Registrar(call, request): Registrar) -> Result<Response, BearerProblem> {
    if call.view.tenant.settings.registration.is_closed() {
        return Err(refused(RegistrationRefused::Closed));
    }
    call.is_counted(front)?;
    let token = call.token()?;
    let body = Registrar::body(request).await?;
    let told = registration::register(&front.oauth, &call.view, token.as_ref(), &body).await.map_err(refused)?;
    let mut response = json(&told);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// The registration of a client.
pub(crate) async fn read(State(front): State<Arc<Front>>, Registrar(call, _): Registrar) -> Response {
    let answer = async {
        let token = call.may_manage(&front)?;
        let told = registration::read(&front.oauth, &call.view, &call.client, token.as_ref()).await;
        Ok(json(&told.map_err(|why| call.managed_nothing(&front, why))?))
    };
    let answer = answer.await;
    Registrar::answer(&call.view, answer)
}

/// Another registration in its place.
pub(crate) async fn change(State(front): State<Arc<Front>>, call: Registrar) -> Response {
    let view = Arc::clone(&call.0.view);
    Registrar::answer(&view, changed(&front, call).await)
}

async fn changed(front: &Front, Registrar(call, request): Registrar) -> Result<Response, BearerProblem> {
    let token = call.may_manage(front)?;
    if !call.view.tenant.settings.registration.is_closed() {
        call.is_counted(front)?;
    }
    let body = Registrar::body(request).await?;
    let told = registration::change(&front.oauth, &call.view, &call.client, token.as_ref(), &body).await;
    Ok(json(&told.map_err(|why| call.managed_nothing(front, why))?))
}

/// The client goes.
pub(crate) async fn remove(State(front): State<Arc<Front>>, Registrar(call, _): Registrar) -> Response {
    let answer = async {
        let token = call.may_manage(&front)?;
        let gone = registration::remove(&front.oauth, &call.view, &call.client, token.as_ref()).await;
        gone.map_err(|why| call.managed_nothing(&front, why))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    let answer = answer.await;
    Registrar::answer(&call.view, answer)
}

fn refused(refused: RegistrationRefused) -> BearerProblem {
    match refused {
        RegistrationRefused::Closed => BearerProblem::Other(Problem::RegistrationClosed),
        RegistrationRefused::Disabled => BearerProblem::Other(Problem::ClientDisabled),
        RegistrationRefused::NoToken => BearerProblem::Missing,
        RegistrationRefused::WrongToken | RegistrationRefused::NotManaged(_) => BearerProblem::InvalidToken,
        RegistrationRefused::OAuth(error) => BearerProblem::Other(error.into()),
    }
}

fn too_many(TooMany { retry_after }: TooMany) -> BearerProblem {
    refused(OAuthError::TooMany { retry_after }.into())
}
