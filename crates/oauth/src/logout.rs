//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).
//!
//! A hint of ours proves that an application which the user signed in to asks; without one anybody could have sent the
//! browser here, so the user is asked, and nobody is redirected anywhere.

pub mod frames;
mod token;

use chancery_domain::{
    client::Client,
    id::{ClientId, ClientUid, SessionId},
    logout_scope::LogoutScope,
    session::Session,
    view::TenantView,
};
use serde::{Deserialize, Serialize};

use crate::{
    Context,
    error::{ErrorCode, OAuthError},
    hint::IdTokenHint,
    parameters::Parameters,
    percent,
};

pub use token::LogoutTokens;

/// The longest `state` that we carry, in bytes.
const LONGEST_STATE: usize = 4096;

/// What is to be done. It travels through the browser, sealed, while the user is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// Whether the user must be asked first.
    pub needs_confirmation: bool,
    /// The session that is to end, if there is one.
    pub session: Option<SessionId>,
    /// The client that asks, where a hint proves it.
    pub client_id: Option<ClientId>,
    /// Where the browser goes afterwards, `state` appended; none for the page that says so.
    pub redirect: Option<String>,
    /// The one client that is signed out, where the person stays signed in.
    #[serde(default)]
    pub only: Option<ClientUid>,
}

/// Checks a logout request. An error is a page, and nobody is signed out.
pub async fn check(
    cx: &Context,
    view: &TenantView,
    parameters: &Parameters,
    session: Option<&Session>,
) -> Result<LogoutRequest, OAuthError> {
    if !view.tenant.is_active() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, "this provider is not in service"));
    }
    let hint = match parameters.optional("id_token_hint")? {
        Some(token) => IdTokenHint::read(cx, view, token).await?,
        None => None,
    };
    let client = match check_client(parameters, hint.as_ref())? {
        Some(id) => Some((cx.directory.client(view.tenant.id, &id).await?, id)),
        None => None,
    };
    let (client, client_id) = client.map_or((None, None), |(client, id)| (client, Some(id)));
    let redirect = check_redirect(parameters, client_id.as_ref(), client.as_deref())?;
    let needs_confirmation = session.is_some_and(|session| !hint.is_some_and(|hint| is_about(&hint, session)));
    // Who is asked is asked whether to sign out, which is more than leaving one application.
    let one = client.as_deref().filter(|client| !needs_confirmation && scope(view, client) == LogoutScope::Client);
    Ok(LogoutRequest {
        needs_confirmation,
        session: session.map(|session| session.id),
        only: one.map(|client| client.uid),
        client_id,
        redirect,
    })
}

/// The client that the hint was issued for. A `client_id` that says otherwise is refused; without a hint it proves
/// nothing.
fn check_client(parameters: &Parameters, hint: Option<&IdTokenHint>) -> Result<Option<ClientId>, OAuthError> {
    let named = parameters.optional("client_id")?;
    let Some(hint) = hint else { return Ok(None) };
    match named {
        Some(named) if !hint.is_for(named) => {
            Err(OAuthError::invalid_request("id_token_hint was issued for another application than client_id names"))
        }
        Some(named) => Ok(named.parse().ok()),
        None => Ok(hint.client_id().and_then(|id| id.parse().ok())),
    }
}

/// Where the browser goes: one of the client's registered places, byte for byte, with `state`. Without a client that
/// is proven there is no such place.
fn check_redirect(
    parameters: &Parameters,
    client_id: Option<&ClientId>,
    client: Option<&Client>,
) -> Result<Option<String>, OAuthError> {
    let state = parameters.optional("state")?;
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(OAuthError::invalid_request("state must be at most 4096 bytes"));
    }
    let (Some(uri), Some(_)) = (parameters.optional("post_logout_redirect_uri")?, client_id) else { return Ok(None) };
    if client.is_some_and(|client| client.is_enabled() && client.admits_post_logout(uri)) {
        Ok(Some(percent::with_query(uri, state.map(|state| ("state", state)))))
    } else {
        Err(OAuthError::invalid_request("post_logout_redirect_uri is not one that the application registered"))
    }
}

/// How far a sign-out goes that the client asks for.
fn scope(view: &TenantView, client: &Client) -> LogoutScope {
    client.metadata.logout.scope.unwrap_or(view.tenant.settings.logout_scope)
}

/// Whether the hint is about the user and the session in this browser.
fn is_about(hint: &IdTokenHint, session: &Session) -> bool {
    hint.user == session.user && hint.session == Some(session.id)
}
