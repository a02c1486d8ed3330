//! What else a request may carry for the ID token or about the user (OpenID Connect Core section 3.1.2.1).

use chancery_domain::{client::Client, id::UserId, view::TenantView};

use crate::{Context, error::OAuthError, hint::IdTokenHint, parameters::Parameters};

/// The longest `nonce`, in bytes.
const LONGEST_NONCE: usize = 384;
/// The longest `login_hint`, in bytes.
const LONGEST_LOGIN_HINT: usize = 1024;

/// The `nonce`: carried whole or refused, never cut.
pub(super) fn check_nonce(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    at_most(parameters.optional("nonce")?, LONGEST_NONCE, "nonce must be at most 384 bytes")
}

/// The `login_hint`: a suggestion that the sign-in page may show.
pub(super) fn check_login_hint(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    at_most(parameters.optional("login_hint")?, LONGEST_LOGIN_HINT, "login_hint must be at most 1024 bytes")
}

/// The user whom an `id_token_hint` names. An expired ID token of ours will do; anything else is refused.
pub(super) async fn check_id_token_hint(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    parameters: &Parameters,
) -> Result<Option<UserId>, OAuthError> {
    let Some(token) = parameters.optional("id_token_hint")? else { return Ok(None) };
    let hint = IdTokenHint::read(cx, view, token).await?.filter(|hint| hint.may_come_from(client.id.as_str()));
    hint.map(|hint| Some(hint.user))
        .ok_or(OAuthError::invalid_request("id_token_hint is not an ID token of this issuer"))
}

fn at_most(text: Option<&str>, most: usize, hint: &'static str) -> Result<Option<String>, OAuthError> {
    match text {
        Some(text) if text.len() > most => Err(OAuthError::invalid_request(hint)),
        text => Ok(text.map(str::to_owned)),
    }
}
