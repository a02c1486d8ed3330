//! One call to the provider, whose answer is a small JSON document.

use http::StatusCode;
use serde_json::Value;

use crate::error::SignInError;

/// Longer answers are not read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Makes the call. The text of an error tells no parameter of it.
pub(crate) async fn json(call: reqwest::RequestBuilder) -> Result<(StatusCode, Value), SignInError> {
    let away = |error: reqwest::Error| {
        tracing::warn!(error = %error.without_url(), "the provider does not answer");
        SignInError::Unavailable("the provider does not answer")
    };
    let mut answer = call.header(http::header::ACCEPT, "application/json").send().await.map_err(away)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(away)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(SignInError::Unavailable("the answer of the provider is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    let document = serde_json::from_slice(&body);
    let document = document.map_err(|_| SignInError::Unavailable("the answer of the provider is not JSON"))?;
    Ok((answer.status(), document))
}
