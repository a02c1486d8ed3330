//! The authorization endpoint (RFC 6749 section 4.1.1, OAuth 2.1 section 4.1.1, OpenID Connect Core section 3.1.2).
//!
//! ```text
//! check ──► next_step ──► sign in ──┐
//!   ▲          │  ▲                 │      recheck: the request comes back from the browser
//!   │          │  └──── recheck ◄───┤
//!   │          ├────► consent ──────┘
//!   │          └────► issue ──► Answer with a code
//!   └── Refusal: a page while nobody knows where to answer, an Answer from then on
//! ```
//!
//! Nothing is stored before the code: the checked request travels through the browser, sealed by the door. What a
//! request asks of the user is decided from when the request came in, so it can be asked again at every step, and
//! [`issue()`] asks it once more: a code never depends on a door having gone the steps in order.

mod answer;
mod client;
mod hints;
mod issue;
mod object;
mod pkce;
mod prompts;
mod redirect_uri;
mod request;
mod response;
mod return_path;
mod scopes;
mod source;
mod step;
mod unsupported;

use std::sync::Arc;

pub use answer::Answer;
use chancery_domain::{client::Client, fault::Fault, resource::ResourceSet, scope::ScopeSet, view::TenantView};
pub use issue::{deny, issue};
pub use request::AuthorizationRequest;
pub(crate) use response::response_types;
pub use step::{Step, next_step};

use crate::{
    Context,
    authorize::{return_path::ReturnPath, source::Source},
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
    resources,
};

/// A request that passed every check, and the client that sent it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What is asked.
    pub request: AuthorizationRequest,
    /// Who asks.
    pub client: Arc<Client>,
}

/// Why no code was issued.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no safe place to answer to, or the fault is ours: a page, never a redirect.
    #[error(transparent)]
    Page(#[from] OAuthError),
    /// The client hears of it at its redirect URI.
    #[error("refused by way of the client")]
    Answer(Answer),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Page(OAuthError::Ours(fault))
    }
}

/// Checks an authorization request. The order is policy: nothing is sent anywhere before client and redirect URI are
/// known to belong together, and the response mode comes early so that the errors after it go the right way.
pub async fn check(cx: &Context, view: &TenantView, parameters: &Parameters) -> Result<Checked, Refusal> {
    check_tenant(view)?;
    let client = client::check(cx, view, parameters).await?;
    let source = Source::of(cx, view, &client, parameters).await?;
    let request = check_source(cx, view, &client, &source).await?;
    Ok(Checked { request, client })
}

/// Checks a request that a client pushes, by the same list. Gives the parameters that count.
pub(crate) async fn check_pushed(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    sent: Parameters,
) -> Result<Parameters, Refusal> {
    let source = Source::of_push(cx, view, client, sent).await?;
    check_source(cx, view, client, &source).await?;
    Ok(source.into_parameters())
}

/// The checks from where the parameters are known.
async fn check_source(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    source: &Source<'_>,
) -> Result<AuthorizationRequest, Refusal> {
    let parameters = source.parameters();
    let target = redirect_uri::check(client, parameters)?;
    let back = ReturnPath::assign(view, target, parameters)?;
    match check_asked(cx, view, client, &back, source).await {
        Ok(request) => Ok(request),
        Err(error) => Err(back.refuse(error)),
    }
}

/// The checks whose errors the client hears of.
async fn check_asked(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    back: &ReturnPath,
    source: &Source<'_>,
) -> Result<AuthorizationRequest, OAuthError> {
    let parameters = source.parameters();
    source.check(view, client)?;
    unsupported::check(parameters)?;
    response::check_type(view, client, parameters)?;
    let scopes = scopes::check(view, client, parameters)?;
    Ok(AuthorizationRequest {
        resources: check_resources(view, client, &scopes, parameters)?,
        scopes,
        challenge: pkce::check(view, client, parameters)?,
        nonce: hints::check_nonce(parameters)?,
        prompts: prompts::check(parameters)?,
        max_age: prompts::check_max_age(parameters)?,
        login_hint: hints::check_login_hint(parameters)?,
        hinted_user: hints::check_id_token_hint(cx, view, client, parameters).await?,
        client_id: client.id.clone(),
        redirect_uri: back.target.uri.clone(),
        redirect_uri_asked: back.target.asked,
        response_mode: back.mode,
        state: back.state.clone(),
        pushed: source.pushed(),
        asked_at: cx.clock.now(),
    })
}

/// Checks a request that comes back from the browser: the seal says that it passed [`check`] once; client and tenant
/// may have changed since, and nobody finishes a request that is too old.
pub async fn recheck(cx: &Context, view: &TenantView, request: AuthorizationRequest) -> Result<Checked, Refusal> {
    check_tenant(view)?;
    let client = client::find(cx, view, &request.client_id).await?;
    redirect_uri::recheck(&client, &request.redirect_uri)?;
    if cx.clock.now().since(request.asked_at) > AuthorizationRequest::LIFE {
        return Err(OAuthError::invalid_request("the request is too old; begin again at the application").into());
    }
    let may_have = crate::scopes::check(view, &client, &request.scopes)
        .and_then(|()| resources::check(view, &client, &request.resources, &request.scopes));
    match may_have {
        Ok(()) => Ok(Checked { request, client }),
        Err(error) => Err(ReturnPath::of(view, &request).refuse(error)),
    }
}

/// The `resource` parameters: each one that the client may ask for, and fit for the scopes.
fn check_resources(
    view: &TenantView,
    client: &Client,
    scopes: &ScopeSet,
    parameters: &Parameters,
) -> Result<ResourceSet, OAuthError> {
    let named = resources::parse(parameters)?;
    resources::check(view, client, &named, scopes)?;
    Ok(named)
}

/// A tenant that is suspended or deleted serves nobody.
fn check_tenant(view: &TenantView) -> Result<(), OAuthError> {
    if view.tenant.is_active() {
        Ok(())
    } else {
        Err(OAuthError::new(ErrorCode::AccessDenied, "this provider is not in service"))
    }
}
