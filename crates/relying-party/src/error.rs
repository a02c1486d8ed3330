//! Why somebody could not sign in, and the page that they see.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use chancery_resource_server::{Rejection, provider::ProviderError};
use http::{HeaderValue, StatusCode, header};

use crate::store::StoreError;

/// Why somebody could not sign in. It holds no token, no code and nothing about a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The answer has no `state`, or a parameter twice.
    #[error("the answer of the provider is malformed")]
    Malformed,
    /// This browser did not begin the sign-in, or too long ago, or has come back already.
    #[error("this sign-in was not begun in this browser, or is over")]
    NotBegunHere,
    /// The answer names another issuer, or none where it should (RFC 9207 section 2.4).
    #[error("the answer is from another provider")]
    Issuer,
    /// The provider said no; the code is that of RFC 6749 section 4.1.2.1 or 5.2.
    #[error("the provider refused with {0}")]
    Refused(String),
    /// The signature or form of the ID token is not good.
    #[error("the ID token is not good: {0}")]
    IdToken(Rejection),
    /// A claim of the ID token is not what it must be.
    #[error("the claim {0} of the ID token is wrong")]
    Claim(&'static str),
    /// UserInfo is about somebody else (OpenID Connect Core section 5.3.2).
    #[error("the provider told about somebody else")]
    OtherSubject,
    /// The provider or the store cannot be had at the moment.
    #[error("signing in is not possible at the moment: {0}")]
    Unavailable(&'static str),
    /// The provider is away, or its metadata is not usable.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignInError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed | Self::NotBegunHere | Self::Issuer => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::IdToken(_) | Self::Claim(_) | Self::OtherSubject => StatusCode::BAD_GATEWAY,
            Self::Unavailable(_) | Self::Provider(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What a person is told.
    const fn advice(&self) -> &'static str {
        match self {
            Self::Malformed | Self::NotBegunHere | Self::Issuer => {
                "This sign-in took too long or was begun elsewhere. Please sign in again."
            }
            Self::Refused(_) => "You were not signed in. You can try again.",
            Self::IdToken(_) | Self::Claim(_) | Self::OtherSubject => {
                "The answer of the sign-in service could not be trusted. Please tell the people who run this site."
            }
            Self::Unavailable(_) | Self::Provider(_) | Self::Store(_) => {
                "Signing in is not possible at the moment. Please try again later."
            }
        }
    }
}

/// A plain page. Why it was shown stands in the log, and as `Arc<SignInError>` in the extensions of the response, for a layer
/// of an application that shows a page of its own.
impl IntoResponse for SignInError {
    fn into_response(self) -> Response {
        tracing::warn!(error = %self, "a sign-in failed");
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>Not signed in</title><h1>Not signed in</h1><p>{}</p></html>",
            self.advice()
        );
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
        ];
        let mut response = (self.status(), headers, page).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Why a logout token ended nothing. It holds no token and nothing about a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// There is no token, or more than one.
    #[error("there must be one logout_token")]
    Malformed,
    /// The signature or form of the token is not good.
    #[error("the logout token is not good: {0}")]
    Token(Rejection),
    /// A claim of the token, or the `typ` of its header, is not what it must be.
    #[error("the claim {0} of the logout token is wrong")]
    Claim(&'static str),
    /// It was here before.
    #[error("the logout token was here before")]
    Replayed,
    /// The provider's keys cannot be had at the moment.
    #[error("signing out is not possible at the moment: {0}")]
    Unavailable(&'static str),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the provider is told (OpenID Connect Back-Channel Logout section 2.8): 400 for a token that will never be good,
/// 503 where it helps to try again. Why stands in the extensions of the response, as `Arc<LogoutError>`.
impl IntoResponse for LogoutError {
    fn into_response(self) -> Response {
        tracing::warn!(error = %self, "a logout token was refused");
        let status = match self {
            Self::Malformed | Self::Token(_) | Self::Claim(_) | Self::Replayed => StatusCode::BAD_REQUEST,
            Self::Unavailable(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, headers, r#"{"error":"invalid_request"}"#).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
