//! The authorization endpoint (RFC 6749 section 4.1.1, OAuth 2.1 section 4.1.1, OpenID Connect Core section 3).
//!
//! ```text
//! check ──► next_step ──► sign up or in ─┐
//!   ▲          │  ▲                      │   recheck: the request comes back from the browser
//!   │          │  └──── recheck ◄────────┤
//!   │          ├────► consent ───────────┘
//!   │          └────► issue ──► Answer with a code, with tokens, or with both ──► carry
//!   └── Refusal: a page while nobody knows where to answer, an Answer from then on
//! ```
//!
//! Nothing is stored before the answer: the checked request travels through the browser, sealed by the door. What a
//! request asks of the user is decided from when the request came in, and from what they did for it since ([`Done`]), so it
//! can be asked again at every step, and [`issue()`] asks it once more: a code never depends on a door having gone the steps
//! in order.
//!
//! To add a check: a file here, and a line in `CHECKS`.

mod acr;
mod answer;
mod asking;
mod carry;
mod claims;
mod client;
mod dpop_jkt;
mod freshness;
mod front_channel;
mod hints;
mod issue;
mod limits;
mod object;
mod pkce;
mod presentation;
mod prompts;
mod recheck;
mod redirect_uri;
mod request;
mod resource;
mod response_mode;
mod response_type;
mod return_path;
mod scopes;
mod source;
mod step;
mod unsupported;

use std::sync::Arc;

pub use answer::Answer;
pub use carry::{Carried, carry};
use chancery_domain::{client::Client, fault::Fault, view::TenantView};
pub use issue::{deny, issue};
pub use recheck::recheck;
pub use request::{AuthorizationRequest, WantedAcr};
pub use step::{Done, Step, next_step};

use crate::{
    Context,
    authorize::{asking::Asking, return_path::ReturnPath, source::Source},
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// What a check is: it reads what was asked, and writes down what it found.
type Check = fn(&Asking<'_>, &mut AuthorizationRequest) -> Result<(), OAuthError>;

/// The checks whose errors the client hears of, in order: a check may rely on what those before it wrote. The first
/// that refuses is the answer.
const CHECKS: &[(&str, Check)] = &[
    ("how it came", source::check),
    ("what we do not understand", unsupported::check),
    ("response_type", response_type::check),
    ("scope", scopes::check),
    ("resource", resource::check),
    ("code_challenge", pkce::check),
    ("dpop_jkt", dpop_jkt::check),
    ("nonce", hints::check_nonce),
    ("prompt", prompts::check),
    ("max_age", prompts::check_max_age),
    ("login_hint", hints::check_login_hint),
    ("id_token_hint", hints::check_id_token_hint),
    ("claims", claims::check),
    ("acr_values", acr::check),
    ("display", presentation::check_display),
    ("ui_locales", presentation::check_ui_locales),
    ("claims_locales", presentation::check_claims_locales),
];

/// A request that passed every check, and the client that sent it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What is asked.
    pub request: AuthorizationRequest,
    /// Who asks.
    pub client: Arc<Client>,
}

/// Why nothing was issued.
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
/// known to belong together, and the way back comes next so that the errors after it go by it.
pub async fn check(cx: &Context, view: &TenantView, parameters: &Parameters) -> Result<Checked, Refusal> {
    check_tenant(view)?;
    let client = client::check(cx, view, parameters).await?;
    let source = Source::of(cx, view, &client, parameters).await?;
    let request = check_source(cx, view, &client, &source).await?;
    Ok(Checked { request, client })
}

/// Checks a request that a client pushes, in the same way. Gives the parameters that count.
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
    let target = redirect_uri::check(client, source.parameters())?;
    let back = ReturnPath::assign(view, client, target, source.parameters())?;
    let asking = Asking::of(cx, view, client, source).await?;
    let mut request = AuthorizationRequest::begin(&back, client, cx.clock.now());
    for (name, check) in CHECKS {
        if let Err(error) = check(&asking, &mut request) {
            tracing::debug!(client = client.id.as_str(), check = name, %error, "an authorization request is refused");
            return Err(back.refuse(error));
        }
    }
    Ok(request)
}

/// A tenant that is suspended or deleted serves nobody.
fn check_tenant(view: &TenantView) -> Result<(), OAuthError> {
    if view.tenant.is_active() {
        Ok(())
    } else {
        Err(OAuthError::new(ErrorCode::AccessDenied, "this provider is not in service"))
    }
}
