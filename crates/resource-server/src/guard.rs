//! Axum: routes for those alone whose token has certain scopes.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{rejection::Rejection, verifier::Verifier};

/// Lets a request through when its token is good and has all of the scopes.
///
/// Use it with [`axum::middleware::from_fn_with_state`] and [`Guard::check`]; the front page shows how.
#[derive(Clone, Debug)]
pub struct Guard {
    verifier: Verifier,
    scopes: Arc<[String]>,
}

impl Guard {
    /// A guard that asks for every one of these scopes; for none, it asks for a good token.
    #[must_use]
    pub fn all_of<S: Into<String>>(verifier: Verifier, scopes: impl IntoIterator<Item = S>) -> Self {
        Self { verifier, scopes: scopes.into_iter().map(Into::into).collect() }
    }

    /// The middleware.
    pub async fn check(State(guard): State<Self>, request: Request, next: Next) -> Result<Response, Rejection> {
        let (mut parts, body) = request.into_parts();
        let token = guard.verifier.verify_request(&parts.headers, &mut parts.extensions).await?;
        token.require(guard.scopes.iter())?;
        Ok(next.run(Request::from_parts(parts, body)).await)
    }
}
