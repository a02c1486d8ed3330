//! A call by a client: the form with the credentials of whoever sends it.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use chancery_accounts::throttle::{Guess, TooMany};
use chancery_domain::view::TenantView;
use chancery_oauth::{
    client_auth::Credentials,
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::{
    dpop,
    form::Form,
    source,
    tenant::{Published, refuse},
};
use crate::{
    cors,
    error::{ClientProblem, Problem},
    front::Front,
    layers::line,
};

/// What a client asks of an endpoint where clients authenticate.
pub(crate) struct ClientCall {
    /// Whom it asks; perhaps suspended.
    pub(crate) view: Arc<TenantView>,
    /// What it asks.
    pub(crate) parameters: Parameters,
    /// Who it says it is.
    pub(crate) credentials: Credentials,
    /// Where it asks from.
    pub(crate) source: IpAddr,
    realm: Option<String>,
    origin: Option<HeaderValue>,
}

impl ClientCall {
    /// Refuses everything at a suspended issuer.
    pub(crate) fn must_be_served(&self) -> Result<(), Problem> {
        if self.view.tenant.is_active() { Ok(()) } else { Err(Problem::Suspended) }
    }

    /// Counts a proof that was wrong, so that guessing gets slower, and forgets what was counted when one was right.
    fn count(&self, front: &Front, answer: &Result<Response, Problem>) {
        let (throttle, now) = (&front.accounts.throttle, front.oauth.clock.now());
        let guess = Guess::of(self.view.tenant.id, self.credentials.client_id(), self.source);
        match answer {
            _ if !self.credentials.carries_proof() => {}
            Err(Problem::OAuth(OAuthError::Caller { code: ErrorCode::InvalidClient, .. })) => {
                throttle.client_failed(guess, now);
            }
            Ok(_) | Err(Problem::OAuth(OAuthError::Caller { .. })) => throttle.client_proved(guess),
            Err(_) => {}
        }
    }

    /// The answer, readable for the page that the client allows to read it.
    pub(crate) async fn answer(self, front: &Front, answer: Result<Response, Problem>) -> Response {
        let id = self.credentials.client_id();
        self.count(front, &answer);
        if answer.is_ok() {
            line::client(id);
        } else {
            line::named_client(front, &self.view, id).await;
        }
        let needs_nonce = answer.as_ref().is_err_and(Problem::needs_nonce);
        let mut response = match answer {
            Ok(response) => response,
            Err(problem) => ClientProblem { problem, realm: self.realm }.into_response(),
        };
        dpop::give_nonce(front, &self.view, self.credentials.dpop(), needs_nonce, response.headers_mut());
        if self.origin.is_some() {
            cors::reflect(front, &self.view, self.origin, Some(id), &mut response).await;
        }
        response
    }
}

impl FromRequest<Arc<Front>> for ClientCall {
    type Rejection = Response;

    async fn from_request(request: Request, front: &Arc<Front>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let found = Published::find(&mut parts, front).await;
        let Published(view) = found.map_err(|problem| refuse(front, &parts.headers, problem))?;
        let origin = cors::web_origin(&parts.headers).cloned();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let header = parts.headers.get(AUTHORIZATION).is_some();
        let realm = header.then(|| view.issuer.as_str().to_owned());
        let authorization = authorization(&parts.headers);
        let source = source::address(front.trusted_proxies, &parts);
        let dpop = dpop::sent(&parts.headers);
        let read = async {
            no_credentials_in(&query)?;
            let form = Form::from_request(Request::from_parts(parts, body), &()).await?;
            let credentials = Credentials::read(&view, authorization?.as_deref(), &form.parameters)?.with_dpop(dpop);
            if credentials.carries_proof() {
                must_wait_for_nothing(front, &view, &credentials, source)?;
            }
            Ok((form.parameters, credentials))
        };
        match read.await {
            Ok((parameters, credentials)) => Ok(Self { view, parameters, credentials, source, realm, origin }),
            Err(problem) => Err(ClientProblem { problem, realm }.into_response()),
        }
    }
}

/// Refuses a proof that comes too soon after too many wrong ones from the same place.
fn must_wait_for_nothing(
    front: &Front,
    view: &TenantView,
    credentials: &Credentials,
    source: IpAddr,
) -> Result<(), Problem> {
    let guess = Guess::of(view.tenant.id, credentials.client_id(), source);
    let waited = front.accounts.throttle.client_may_try(guess, front.oauth.clock.now());
    waited.map_err(|TooMany { retry_after }| OAuthError::TooMany { retry_after }.into())
}

/// Parameters that must not stand in a URL, where they would be kept in histories and logs.
const NEVER_IN_A_QUERY: [&str; 14] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "code_verifier",
    "device_code",
    "subject_token",
    "actor_token",
    "assertion",
    "refresh_token",
    "token",
    "username",
    "password",
];

fn no_credentials_in(query: &str) -> Result<(), Problem> {
    if query.is_empty() {
        return Ok(());
    }
    let query = Parameters::parse(query.as_bytes())?;
    for name in NEVER_IN_A_QUERY {
        if query.optional(name)?.is_some() {
            return Err(OAuthError::invalid_request("parameters of this endpoint do not belong in a URL").into());
        }
    }
    Ok(())
}

/// The one `Authorization` header, if there is one.
fn authorization(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthError::invalid_request("there is more than one Authorization header").into());
    }
    let text = value.to_str().map_err(|_| OAuthError::invalid_client())?;
    Ok(Some(text.to_owned()))
}
