//! What has to happen before a code may be issued (OpenID Connect Core sections 3.1.2.3 and 3.1.2.4).

use std::time::Duration;

use chancery_domain::{consent::Consent, scope::ScopeSet, session::Session, view::TenantView, vocabulary::Prompt};

use super::{AuthorizationRequest, Checked, Refusal, acr, return_path::ReturnPath};
use crate::{
    Context,
    error::{ErrorCode, OAuthError},
};

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The user has to be sent where people make themselves an account, and comes back to sign in.
    SignUp,
    /// The user has to sign in, or to sign in again.
    SignIn,
    /// The user has to be asked whether the client may have all of this.
    Consent {
        /// Everything that the request asks for.
        asked: ScopeSet,
    },
    /// Nothing: call [`super::issue()`].
    Issue,
}

/// What the person has done so far for this very request, as the pages know that they went through. It counts whatever the
/// clocks say: the pages of one request may come from several replicas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// They signed in.
    pub signed_in: bool,
    /// They were asked, and allowed what the request asks for.
    pub allowed: bool,
}

/// What to do next for a request in this browser. `session` is the live session there, if any. Where no page may be shown,
/// what would be a page is a refusal.
pub async fn next_step(
    cx: &Context,
    view: &TenantView,
    checked: &Checked,
    session: Option<&Session>,
    done: Done,
) -> Result<Step, Refusal> {
    let request = &checked.request;
    let silent = request.prompts.contains(&Prompt::None);
    let refuse = |code, hint| Err(ReturnPath::of(view, request).refuse(OAuthError::new(code, hint)));
    let fresh = |session: &Session| done.signed_in || session.authenticated_at >= request.asked_at;
    if request.prompts.contains(&Prompt::Create)
        && view.tenant.settings.sign_up_uri.is_some()
        && !session.is_some_and(fresh)
    {
        return Ok(Step::SignUp);
    }
    let Some(session) = session else {
        return if silent { refuse(ErrorCode::LoginRequired, "nobody is signed in") } else { Ok(Step::SignIn) };
    };
    let fresh = fresh(session);
    let other_user = request.hinted_user.is_some_and(|hinted| hinted != session.user);
    if other_user && (silent || fresh) {
        return refuse(ErrorCode::LoginRequired, "somebody else is signed in");
    }
    if other_user || (!fresh && wants_sign_in(request, session, cx)) {
        return if silent { refuse(ErrorCode::LoginRequired, "the sign-in is too old") } else { Ok(Step::SignIn) };
    }
    if !proves_enough(request, session) {
        return match (silent, fresh) {
            (true, _) => refuse(ErrorCode::InteractionRequired, "the sign-in does not prove enough"),
            (false, true) => refuse(ErrorCode::UnmetAuthenticationRequirements, "the user cannot prove what is asked"),
            (false, false) => Ok(Step::SignIn),
        };
    }
    let rows = cx.store.read(view.tenant.id);
    let (user, client) = (session.user, &checked.client);
    if client.skip_consent || checked.is_allowed_by(rows.consents().find(user, client.uid).await?.as_ref(), done) {
        return Ok(Step::Issue);
    }
    if silent {
        return refuse(ErrorCode::ConsentRequired, "the user has not allowed this yet");
    }
    Ok(Step::Consent { asked: request.wanted() })
}

/// Whether a session from before the request is not enough.
fn wants_sign_in(request: &AuthorizationRequest, session: &Session, cx: &Context) -> bool {
    let age = cx.clock.now().since(session.authenticated_at);
    request.prompts.contains(&Prompt::Login)
        || request.prompts.contains(&Prompt::SelectAccount)
        || request.prompts.contains(&Prompt::Create)
        || request.max_age.is_some_and(|most| age >= Duration::from_secs(most.into()))
}

/// Whether the sign-in proved what the client cannot do without.
fn proves_enough(request: &AuthorizationRequest, session: &Session) -> bool {
    let essential = &request.acr.essential;
    essential.is_empty() || acr::proven(session).is_some_and(|proven| essential.contains(&proven))
}

impl Checked {
    /// Whether the client may have all of it by that consent: given since the request came in, where it wants the user to be
    /// asked again.
    pub(super) fn is_allowed_by(&self, consent: Option<&Consent>, done: Done) -> bool {
        let request = &self.request;
        let asked_again = |consent: &Consent| {
            done.allowed || !request.prompts.contains(&Prompt::Consent) || consent.granted_at >= request.asked_at
        };
        consent.is_some_and(|consent| consent.covers(&request.wanted()) && asked_again(consent))
    }
}
