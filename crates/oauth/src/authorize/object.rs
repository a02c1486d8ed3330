//! Request objects: requests that clients sign, and may encrypt (RFC 9101, OpenID Connect Core section 6).

use std::{borrow::Cow, time::Duration};

use chancery_domain::{
    client::{Client, RequestUri},
    outbound::Document,
    ports::client_jose::{ClientJws, TypRule},
    time::Timestamp,
    view::TenantView,
};
use serde_json::Value;

use super::source::unregistered;
use crate::{
    Context,
    client_jws::{self, Algorithms},
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// The types under which clients write them: the registered one (RFC 9101 section 10.8), and what libraries wrote before.
const TYPES: TypRule = TypRule::AbsentOrOneOf(&["oauth-authz-req+jwt", "JWT"]);

/// How far ahead of ours a client's clock may be.
const SKEW: Duration = Duration::from_secs(60);

/// Claims about the object itself, which are no parameters (RFC 7519 section 4.1).
const ABOUT_ITSELF: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The parameters within the request object that was sent, by value or by reference; none where none was sent, or where the
/// profile takes none, which a later check says.
pub(super) async fn open(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    sent: &Parameters,
) -> Result<Option<Parameters>, OAuthError> {
    if !view.tenant.profile.takes_request_objects() {
        return Ok(None);
    }
    let object = match (sent.optional("request")?, sent.optional("request_uri")?) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(OAuthError::invalid_request("request and request_uri must not stand together"));
        }
        (Some(object), None) => Cow::Borrowed(object),
        (None, Some(uri)) => Cow::Owned(fetch(cx, view, client, uri).await?),
    };
    let object = opened(view, client, object)?;
    let said = proven(cx, view, client, &object).await?;
    check_itself(view, client, &said, cx.clock.now())?;
    check_beside(sent, &said)?;
    parameters(client, &said).map(Some)
}

/// The object at a place that the client registered, fragment and all. Nothing else is ever called.
async fn fetch(cx: &Context, view: &TenantView, client: &Client, uri: &str) -> Result<String, OAuthError> {
    let registered = client.metadata.requests.uris.iter().find(|registered| registered.as_str() == uri);
    let place = registered.map(RequestUri::place).ok_or_else(unregistered)?;
    let gone = || OAuthError::new(ErrorCode::InvalidRequestUri, "there is no request object at request_uri");
    let place = cx.fetch.check(place).map_err(|_| gone())?;
    let fetched = cx.fetch.fetch(view.tenant.id, &place, Document::RequestObject).await.map_err(|error| {
        tracing::info!(client.id = client.id.as_str(), error = error.label(), "a request object was not to be had");
        gone()
    })?;
    let text = std::str::from_utf8(&fetched.body).map_err(|_| unsound())?;
    Ok(text.trim_ascii_end().to_owned())
}

/// What lies in the object where it is encrypted to the tenant (RFC 9101 section 6.2): one level, and what lies in it must
/// be signed like any other, as the next step sees. Where the tenant reads nothing encrypted, five parts are no request
/// object; where the client registered how it encrypts, nothing else is one.
fn opened<'a>(view: &TenantView, client: &Client, object: Cow<'a, str>) -> Result<Cow<'a, str>, OAuthError> {
    let registered = client.metadata.requests.object_encryption;
    match &view.opener {
        Some(opener) if is_encrypted(&object) => {
            opener.open(&object, registered).map(Cow::Owned).map_err(|_| unsound())
        }
        Some(_) | None if registered.is_some() => Err(unsound()),
        Some(_) | None => Ok(object),
    }
}

/// Whether it has the five parts of a compact JWE. More are not counted.
fn is_encrypted(object: &str) -> bool {
    object.bytes().filter(|byte| *byte == b'.').take(5).count() == 4
}

/// What the object says, if the client signed it in a way that it registered.
async fn proven(cx: &Context, view: &TenantView, client: &Client, object: &str) -> Result<ClientJws, OAuthError> {
    let algorithms = client.metadata.requests.object_alg.as_ref().map_or(Algorithms::EVERY_KEY, Algorithms::only);
    client_jws::verify(cx, view, client, object, algorithms, TYPES).await.map_err(|_| unsound())
}

/// Whether it is by the client, for us, and for now. An assertion that proves the client is no request (RFC 9101 section
/// 10.8.1), and no request lies within another.
fn check_itself(view: &TenantView, client: &Client, said: &ClientJws, now: Timestamp) -> Result<(), OAuthError> {
    let is_client = |claim| said.claims.get(claim).and_then(Value::as_str) == Some(client.id.as_str());
    let absent = |claim| !said.claims.contains_key(claim);
    let by_client = ["iss", "client_id"].into_iter().all(|claim| absent(claim) || is_client(claim));
    let begun = |claim| {
        let at = client_jws::time(said, claim);
        at.is_ok_and(|at| at.is_none_or(|at| Timestamp::from_seconds(at) <= now + SKEW))
    };
    let goes_on = client_jws::time(said, "exp");
    let goes_on = goes_on.is_ok_and(|end| end.is_none_or(|end| now < Timestamp::from_seconds(end)));
    let is_request = !is_client("sub") && absent("request") && absent("request_uri");
    if by_client && is_for_us(view, said) && begun("iat") && begun("nbf") && goes_on && is_request {
        Ok(())
    } else {
        Err(unsound())
    }
}

fn is_for_us(view: &TenantView, said: &ClientJws) -> bool {
    match said.claims.get("aud") {
        Some(Value::String(only)) => only == view.issuer.as_str(),
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(view.issuer.as_str())),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
    }
}

/// What OpenID Connect wants outside as well must be the same within (OpenID Connect Core section 6.1).
fn check_beside(sent: &Parameters, said: &ClientJws) -> Result<(), OAuthError> {
    for name in ["client_id", "response_type"] {
        let within = said.claims.get(name).and_then(Value::as_str);
        if let (Some(outside), Some(within)) = (sent.optional(name)?, within)
            && outside != within
        {
            return Err(OAuthError::new(
                ErrorCode::InvalidRequestObject,
                "client_id and response_type must be the same outside the request object as within",
            ));
        }
    }
    Ok(())
}

/// The claims as the parameters that they stand for. Texts are themselves; numbers and truths are written as JSON has them,
/// and so is an object (`claims`); a list is a parameter that is repeated (`resource`).
fn parameters(client: &Client, said: &ClientJws) -> Result<Parameters, OAuthError> {
    let mut pairs: Vec<(&str, Cow<'_, str>)> = vec![("client_id", client.id.as_str().into())];
    let others = said.claims.iter().filter(|(name, _)| *name != "client_id" && !ABOUT_ITSELF.contains(&name.as_str()));
    for (name, value) in others {
        let each = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for one in each {
            pairs.extend(written(one)?.map(|one| (name.as_str(), one)));
        }
    }
    let length: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    let is_bounded = pairs.len() <= Parameters::MOST_PAIRS && length <= Parameters::MOST_BYTES;
    let is_text = pairs.iter().all(|(name, value)| !name.contains('\0') && !value.contains('\0'));
    if is_bounded && is_text { Ok(Parameters::of_pairs(pairs)) } else { Err(unsound()) }
}

fn written(value: &Value) -> Result<Option<Cow<'_, str>>, OAuthError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.into())),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Ok(Some(value.to_string().into())),
        Value::Array(_) => Err(unsound()),
    }
}

/// One answer, whatever is wrong: who sends a forged object learns nothing.
const fn unsound() -> OAuthError {
    OAuthError::new(
        ErrorCode::InvalidRequestObject,
        "the request object is not one of this application for this provider",
    )
}
