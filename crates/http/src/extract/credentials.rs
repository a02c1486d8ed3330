//! A call by a client: the form with the credentials of whoever sends it.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use chancery_domain::view::TenantView;
use chancery_oauth::{client_auth::Credentials, error::OAuthError, parameters::Parameters};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::{
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

/// What a client asks of the token, introspection or revocation endpoint.
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

    /// The answer, readable for the page that the client allows to read it.
    pub(crate) async fn answer(self, front: &Front, answer: Result<Response, Problem>) -> Response {
        let id = self.credentials.client_id();
        if answer.is_ok() {
            line::client(id);
        } else {
            line::named_client(front, &self.view, id).await;
        }
        let mut response = match answer {
            Ok(response) => response,
            Err(problem) => ClientProblem { problem, realm: self.realm }.into_response(),
        };
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
        let source = source::address(front.trusted_proxies, &parts);
        let header = parts.headers.get(AUTHORIZATION).is_some();
        let realm = header.then(|| view.issuer.as_str().to_owned());
        let authorization = authorization(&parts.headers);
        let read = async {
            no_credentials_in(&query)?;
            let form = Form::from_request(Request::from_parts(parts, body), &()).await?;
            let credentials = Credentials::read(authorization?.as_deref(), &form.parameters)?;
            Ok((form.parameters, credentials))
        };
        match read.await {
            Ok((parameters, credentials)) => Ok(Self { view, parameters, credentials, source, realm, origin }),
            Err(problem) => Err(ClientProblem { problem, realm }.into_response()),
        }
    }
}

/// Parameters that must not stand in a URL, where they would be kept in histories and logs.
const NEVER_IN_A_QUERY: [&str; 12] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "code",
    "code_verifier",
    "device_code",
    "subject_token",
    "actor_token",
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
