//! The sign-in page: for an application that asked, or for the tenant's own start page.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use chancery_accounts::{
    session,
    signin::{self, SignInRefused, SignedIn},
};
use chancery_domain::{fault::Fault, ports::jose::Purpose, secret::Secret, session::Session};
use chancery_oauth::{
    authorize::{self, AuthorizationRequest, Checked, Done},
    endpoints::SIGN_IN,
};
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use serde::{Deserialize, Serialize};

use super::{
    application::Application,
    chrome::Chrome,
    flow, page as render,
    policy::{self, Forms},
    redirect, signup,
    words::Words,
};
use crate::{
    endpoints::authorize::{Stop, proceed, settled},
    error::{Problem, sign_in_status},
    extract::{asked::Asked, form::PageForm, visit::Visit},
};

/// What the page remembers.
#[derive(Serialize, Deserialize)]
struct SignIn {
    /// What is waiting for the sign-in; nothing for the start page.
    request: Option<AuthorizationRequest>,
    /// The page of ours to go on to, where nothing waits; the start page where it is none.
    #[serde(default)]
    onward: Option<String>,
}

/// What somebody signs in for.
#[derive(Default)]
struct Waiting {
    checked: Option<Checked>,
    onward: Option<String>,
}

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage<'a> {
    chrome: Chrome<'a>,
    application: Option<Application<'a>>,
    action: String,
    flow: String,
    login: &'a str,
    trouble: Option<String>,
}

/// The page for somebody who comes by themselves, or back from where people make themselves an account.
pub(crate) async fn page(visit: Visit, query: Result<Asked, Problem>) -> Response {
    let answer = arrive(&visit, query).await;
    let answer = settled(&visit, answer).await;
    visit.answer(answer)
}

async fn arrive(visit: &Visit, query: Result<Asked, Problem>) -> Result<Response, Stop> {
    let session = visit.session().await?;
    if let Some(request) = signup::returned(visit, &query?.parameters)? {
        let checked = authorize::recheck(&visit.front.oauth, &visit.view, request).await?;
        return proceed(visit, checked, session.as_ref(), Done::default()).await;
    }
    Ok(match session {
        Some(_) => redirect(&visit.view.issuer.at("/"))?,
        None => ask(visit, None)?,
    })
}

/// The page for a request that needs somebody to sign in.
pub(crate) fn ask(visit: &Visit, checked: Option<Checked>) -> Result<Response, Problem> {
    let hint = checked.as_ref().and_then(|checked| checked.request.login_hint.clone()).unwrap_or_default();
    Ok(show(visit, Waiting { checked, onward: None }, &hint, StatusCode::OK, None)?)
}

/// The page for another page of ours, which is named by its address below the issuer.
pub(super) fn ask_for(visit: &Visit, onward: String) -> Result<Response, Problem> {
    Ok(show(visit, Waiting { checked: None, onward: Some(onward) }, "", StatusCode::OK, None)?)
}

/// Somebody pressed the button.
pub(crate) async fn submit(visit: Visit, form: Result<PageForm, Problem>) -> Response {
    let answer = attempt(&visit, form).await;
    let answer = settled(&visit, answer).await;
    visit.answer(answer)
}

async fn attempt(visit: &Visit, form: Result<PageForm, Problem>) -> Result<Response, Stop> {
    visit.must_be_our_form()?;
    let PageForm(form) = form?;
    let SignIn { request, onward } = flow::open(visit, Purpose::SignIn, &form)?;
    let checked = match request {
        Some(request) => Some(authorize::recheck(&visit.front.oauth, &visit.view, request).await?),
        None => None,
    };
    let waiting = Waiting { checked, onward };
    let login = form.optional("username")?.unwrap_or_default();
    let password = Secret::new(form.optional("password")?.unwrap_or_default().to_owned());
    let before = visit.session().await?;
    let accounts = &visit.front.accounts;
    match signin::sign_in(accounts, &visit.view, login, &password, visit.source, before.as_ref()).await {
        Ok(signed_in) => Ok(welcome(visit, waiting, &signed_in, before).await?),
        Err(SignInRefused::Ours(fault)) => Err(fault.into()),
        Err(refused) => Ok(again(visit, waiting, login, &refused)?),
    }
}

/// Goes on with what was waiting. Whatever comes of it, the browser has its new cookie; a session of somebody else before
/// is over.
async fn welcome(
    visit: &Visit,
    waiting: Waiting,
    signed_in: &SignedIn,
    before: Option<Session>,
) -> Result<Response, Problem> {
    if let Some(before) = before.filter(|before| before.id != signed_in.session.id) {
        session::end(&visit.front.accounts, &visit.view, &before).await?;
    }
    let onward = match waiting.checked {
        Some(checked) => {
            let done = Done { signed_in: true, ..Done::default() };
            settled(visit, proceed(visit, checked, Some(&signed_in.session), done).await).await
        }
        None => redirect(&visit.view.issuer.at(waiting.onward.as_deref().unwrap_or("/"))),
    };
    let mut response = visit.answer(onward);
    visit.remember(&signed_in.session, &signed_in.cookie, &mut response);
    Ok(response)
}

/// The page once more. What it says of a wrong name and of a wrong password is the same.
fn again(visit: &Visit, waiting: Waiting, login: &str, refused: &SignInRefused) -> Result<Response, Fault> {
    let words = words_for(waiting.checked.as_ref().map(|checked| &checked.request));
    let (trouble, wait) = match refused {
        SignInRefused::Wrong | SignInRefused::Ours(_) => (words.wrong.to_owned(), None),
        SignInRefused::TooMany { retry_after } => ((words.too_many)(*retry_after), Some(*retry_after)),
        SignInRefused::Busy => (words.busy.to_owned(), Some(Duration::from_secs(1))),
    };
    let mut response = show(visit, waiting, login, sign_in_status(refused), Some(trouble))?;
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    Ok(response)
}

fn show(
    visit: &Visit,
    Waiting { checked, onward }: Waiting,
    login: &str,
    status: StatusCode,
    trouble: Option<String>,
) -> Result<Response, Fault> {
    let (request, client) = checked.map(|checked| (checked.request, checked.client)).unzip();
    let state = SignIn { request, onward };
    let target = state.request.as_ref().map(|request| request.redirect_uri.as_str());
    let template = SignInPage {
        chrome: Chrome::of(&visit.front, Some(&visit.view)).speaking(words_for(state.request.as_ref())),
        application: client.as_deref().zip(target).map(|(client, target)| Application::of(client, target)),
        action: format!("{}{SIGN_IN}", visit.view.issuer.base_path()),
        flow: flow::seal(visit, Purpose::SignIn, &state)?,
        login: &login[..login.floor_char_boundary(LONGEST_LOGIN)],
        trouble,
    };
    let forms = if target.is_some() { Forms::LeadOn } else { Forms::StayHere };
    let logo = template.application.as_ref().and_then(|application| application.logo);
    Ok(render(status, &template, policy::with_logo(forms, logo)))
}

/// What the page gives back of a name that somebody typed, in bytes: the longest address has 254.
const LONGEST_LOGIN: usize = 254;

/// The language that a request would like.
fn words_for(request: Option<&AuthorizationRequest>) -> &'static Words {
    Words::among(request.map_or(&[], |request| &request.ui_locales))
}
