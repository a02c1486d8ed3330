//! What is asked of the provider: its endpoints, tokens for a code, claims for a token.

use base64::{Engine, engine::general_purpose::STANDARD};
use chancery_resource_server::provider::Metadata;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::{attempt::Attempt, call, error::SignInError, relying_party::RelyingParty};

/// What a code was exchanged for (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    token_type: String,
    pub(crate) id_token: String,
    pub(crate) expires_in: Option<u32>,
}

/// Where people sign in.
pub(crate) async fn authorization_endpoint(rp: &RelyingParty) -> Result<Url, SignInError> {
    let metadata = rp.0.provider.metadata().await?;
    let endpoint = metadata.authorization_endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
    endpoint.ok_or(SignInError::Unavailable("the provider has no authorization endpoint"))
}

/// Exchanges the code (RFC 6749 section 4.1.3).
pub(crate) async fn exchange(
    rp: &RelyingParty,
    metadata: &Metadata,
    attempt: &Attempt,
    code: &str,
) -> Result<Tokens, SignInError> {
    let missing = SignInError::Unavailable("the provider has no token endpoint");
    let endpoint = metadata.token_endpoint.as_deref().ok_or(missing)?;
    let post = rp.0.client.post(endpoint).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &rp.0.redirect_uri),
        ("code_verifier", &attempt.verifier),
    ];
    let post = if let Some(secret) = &rp.0.client_secret {
        post.header(header::AUTHORIZATION, basic(&rp.0.client_id, secret))
    } else {
        form.push(("client_id", &rp.0.client_id));
        post
    };
    let (status, answer) = call::json(post.body(encoded(&form))).await?;
    if status != StatusCode::OK {
        return Err(refused(answer.get("error").and_then(Value::as_str)));
    }
    let malformed = SignInError::Unavailable("the token endpoint answers otherwise than it should");
    let tokens = serde_json::from_value::<Tokens>(answer).ok();
    tokens.filter(|tokens| tokens.token_type.eq_ignore_ascii_case("bearer")).ok_or(malformed)
}

/// The claims of UserInfo (OpenID Connect Core section 5.3), which must be about the same subject.
pub(crate) async fn user_info(
    rp: &RelyingParty,
    endpoint: &str,
    access_token: &str,
    subject: &str,
) -> Result<Map<String, Value>, SignInError> {
    let (status, answer) = call::json(rp.0.client.get(endpoint).bearer_auth(access_token)).await?;
    let Value::Object(claims) = answer else {
        return Err(SignInError::Unavailable("UserInfo answers otherwise than it should"));
    };
    if status != StatusCode::OK {
        return Err(SignInError::Unavailable("UserInfo refuses the token"));
    }
    if claims.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(SignInError::OtherSubject);
    }
    Ok(claims)
}

/// A refusal, with its code if that has the form of one: it goes to the log.
pub(crate) fn refused(code: Option<&str>) -> SignInError {
    let known = |code: &&str| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    SignInError::Refused(code.filter(known).unwrap_or("an unknown code").to_owned())
}

fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// Id and secret are form-encoded first (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}
