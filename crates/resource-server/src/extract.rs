//! Axum: an [`AccessToken`] as an argument of a handler.

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header, request::Parts};

use crate::{claims::AccessToken, rejection::Rejection, verifier::Verifier};

/// The verified token of the request. What a [`Guard`](crate::Guard) verified before is not verified again.
impl<S: Send + Sync> FromRequestParts<S> for AccessToken
where
    Verifier: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Verifier::from_ref(state).verify_request(&parts.headers, &mut parts.extensions).await
    }
}

/// `None` for a caller without a token; a token that is not good is refused all the same.
impl<S: Send + Sync> OptionalFromRequestParts<S> for AccessToken
where
    Verifier: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(token) => Ok(Some(token)),
            Err(Rejection::Missing) => Ok(None),
            Err(rejection) => Err(rejection),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge().and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self == Self::Unavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
