//! The consent page: what an application would like, and two buttons.

use askama::Template;
use axum::response::Response;
use chancery_accounts::consent;
use chancery_domain::{
    id::SessionId,
    ports::{answered_pages::AnsweredPage, jose::Purpose},
    random,
    scope::{BuiltInScope, ScopeSet, ScopeValue},
    secret::Digest,
    session::Session,
};
use chancery_oauth::{
    authorize::{self, AuthorizationRequest, Checked, Done},
    endpoints::CONSENT,
    error::OAuthError,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    application::Application,
    chrome::Chrome,
    flow, page, person,
    policy::{self, Forms},
    words::Words,
};
use crate::{
    endpoints::authorize::{Stop, carried, proceed, settled},
    error::Problem,
    extract::{form::PageForm, visit::Visit},
    layers::line,
};

/// What the page remembers: one request of one session.
#[derive(Serialize, Deserialize)]
struct Consent {
    request: AuthorizationRequest,
    asked: ScopeSet,
    session: SessionId,
    /// Whether the person signed in for this request.
    signed_in: bool,
    /// Which page it is: its form allows something once.
    page: [u8; 16],
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    chrome: Chrome<'a>,
    application: Application<'a>,
    person: String,
    scopes: Vec<Asked<'a>>,
    action: String,
    flow: String,
}

/// One line of the list.
pub(super) struct Asked<'a> {
    pub(super) value: &'a str,
    pub(super) description: &'a str,
}

/// The page for a request that needs the user's consent.
pub(crate) async fn ask(
    visit: &Visit,
    checked: &Checked,
    asked: ScopeSet,
    session: &Session,
    done: Done,
) -> Result<Response, Problem> {
    let state = Consent {
        request: checked.request.clone(),
        asked,
        session: session.id,
        signed_in: done.signed_in,
        page: random::bytes(&*visit.front.oauth.random),
    };
    let words = Words::among(&checked.request.ui_locales);
    let template = ConsentPage {
        chrome: Chrome::of(&visit.front, Some(&visit.view)).speaking(words),
        application: Application::of(&checked.client, &checked.request.redirect_uri),
        person: person::name_of(visit, session).await?,
        scopes: listed(visit, words, &state.asked),
        action: format!("{}{CONSENT}", visit.view.issuer.base_path()),
        flow: flow::seal(visit, Purpose::Consent, &state)?,
    };
    let policy = policy::with_logo(Forms::LeadOn, template.application.logo);
    Ok(page(StatusCode::OK, &template, policy))
}

/// The scopes that everybody knows first, then the tenant's own.
pub(super) fn listed<'a>(visit: &'a Visit, words: &Words, asked: &'a ScopeSet) -> Vec<Asked<'a>> {
    let place = |value: &str| BuiltInScope::ALL.iter().position(|known| known.value == value).unwrap_or(usize::MAX);
    let mut scopes: Vec<_> = asked.iter().map(|scope| described(visit, words, scope)).collect();
    scopes.sort_by_key(|scope| place(scope.value));
    scopes
}

/// A scope without words of its own stands for itself.
fn described<'a>(visit: &'a Visit, words: &Words, scope: &'a ScopeValue) -> Asked<'a> {
    let value = scope.as_str();
    let told = || visit.view.describe(value).filter(|words| !words.is_empty());
    Asked { value, description: (words.scope)(value).or_else(told).unwrap_or(value) }
}

/// Somebody pressed one of the buttons.
pub(crate) async fn submit(visit: Visit, form: Result<PageForm, Problem>) -> Response {
    let answer = decide(&visit, form).await;
    let answer = settled(&visit, answer).await;
    visit.answer(answer)
}

async fn decide(visit: &Visit, form: Result<PageForm, Problem>) -> Result<Response, Stop> {
    visit.must_be_our_form()?;
    let PageForm(form) = form?;
    let state: Consent = flow::open(visit, Purpose::Consent, &form)?;
    let session = visit.session().await?.filter(|session| session.id == state.session).ok_or(Problem::ForeignFlow)?;
    let checked = authorize::recheck(&visit.front.oauth, &visit.view, state.request).await?;
    line::client(&checked.client.id);
    match form.one("decision")? {
        "allow" => {
            let page = AnsweredPage {
                digest: Digest::of("consent page", &state.page),
                until: visit.front.oauth.clock.now() + flow::REMEMBERED,
            };
            let (accounts, client) = (&visit.front.accounts, &checked.client);
            if !consent::give(accounts, &visit.view, session.user, client, &state.asked, &page).await? {
                return Err(Problem::ForeignFlow.into());
            }
            // Time went by while the page was looked at: the sign-in may have become too old.
            let done = Done { signed_in: state.signed_in, allowed: true };
            proceed(visit, checked, Some(&session), done).await
        }
        "deny" => {
            let answer = authorize::deny(&visit.front.oauth, &visit.view, &checked).await?;
            Ok(carried(visit, answer).await?)
        }
        _ => Err(OAuthError::invalid_request("decision must be allow or deny").into()),
    }
}
