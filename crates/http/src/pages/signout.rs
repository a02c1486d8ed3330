//! Signing out: the question, and the page afterwards.

use askama::Template;
use axum::response::Response;
use chancery_accounts::session;
use chancery_domain::{fault::Fault, id::SessionId, ports::jose::Purpose, session::Session};
use chancery_oauth::{endpoints::SIGN_OUT, logout::LogoutRequest};
use http::StatusCode;

use super::{chrome::Chrome, flow, page, policy, redirect};
use crate::{
    error::Problem,
    extract::{form::Form, visit::Visit},
};

#[derive(Template)]
#[template(path = "signout.html")]
struct Question<'a> {
    chrome: Chrome<'a>,
    action: String,
    flow: String,
    start: String,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut<'a> {
    chrome: Chrome<'a>,
    start: String,
}

/// Asks whether the user wants this: without a proof, any page could have sent the browser here.
pub(crate) fn ask(visit: &Visit, request: &LogoutRequest) -> Result<Response, Problem> {
    let template = Question {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        action: action(visit),
        flow: flow::seal(visit, Purpose::SignOut, request)?,
        start: start(visit),
    };
    let targets: Vec<&str> = request.redirect.as_deref().into_iter().collect();
    Ok(page(StatusCode::OK, &template, policy::without_script(&targets)))
}

/// Ends the session, and goes where the request wants.
pub(crate) async fn finish(
    visit: &Visit,
    request: &LogoutRequest,
    session: Option<&Session>,
) -> Result<Response, Problem> {
    if let Some(session) = session {
        session::end(&visit.front.accounts, &visit.view, session).await?;
    }
    let mut response = match &request.redirect {
        Some(url) => redirect(url)?,
        None => signed_out(visit),
    };
    visit.forget(&mut response);
    Ok(response)
}

fn signed_out(visit: &Visit) -> Response {
    let template = SignedOut { chrome: Chrome::of(&visit.front, Some(&visit.view)), start: start(visit) };
    page(StatusCode::OK, &template, policy::without_script(&[]))
}

/// Somebody pressed the button.
pub(crate) async fn submit(visit: Visit, form: Result<Form, Problem>) -> Response {
    let answer = confirmed(&visit, form).await;
    visit.answer(answer)
}

async fn confirmed(visit: &Visit, form: Result<Form, Problem>) -> Result<Response, Problem> {
    visit.must_be_our_form()?;
    let request: LogoutRequest = flow::open(visit, Purpose::SignOut, &form?.parameters)?;
    let session = visit.session().await?;
    match &session {
        // Somebody else signed in since the page was shown: they were not asked.
        Some(session) if request.session != Some(session.id) => Err(Problem::ForeignFlow),
        Some(_) | None => finish(visit, &request, session.as_ref()).await,
    }
}

/// Where the forms of this page go.
pub(super) fn action(visit: &Visit) -> String {
    format!("{}{SIGN_OUT}", visit.view.issuer.base_path())
}

/// What the sign-out button of our own start page asks for.
pub(super) fn own_flow(visit: &Visit, session: SessionId) -> Result<String, Fault> {
    let request = LogoutRequest { needs_confirmation: true, session: Some(session), client_id: None, redirect: None };
    flow::seal(visit, Purpose::SignOut, &request)
}

fn start(visit: &Visit) -> String {
    format!("{}/", visit.view.issuer.base_path())
}
