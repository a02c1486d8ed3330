//! Signing out: the question, and the page afterwards.

use askama::Template;
use axum::response::Response;
use chancery_accounts::session;
use chancery_domain::{fault::Fault, id::SessionId, ports::jose::Purpose, session::Session};
use chancery_oauth::{
    endpoints::SIGN_OUT,
    logout::{
        LogoutRequest,
        frames::{self, LogoutFrame},
    },
};
use http::StatusCode;

use super::{
    chrome::Chrome,
    flow, page,
    policy::{self, Forms},
    redirect,
};
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
    /// Pages of applications that hear of it so.
    frames: Vec<LogoutFrame>,
    /// Where the browser goes when they have.
    onward: Option<&'a str>,
    script: &'static str,
}

/// Goes on when the frames are there, and after three seconds in any case. Without scripts, people press the button.
const SCRIPT: &str = include_str!("../../assets/signed_out.js");
const SCRIPT_HASH: &str = "sha256-Kqz3MhL+T8aIoPiXdaDDfdqkC5X1J9bYog90bF0WclQ=";

/// Asks whether the user wants this: without a proof, any page could have sent the browser here.
pub(crate) fn ask(visit: &Visit, request: &LogoutRequest) -> Result<Response, Problem> {
    let template = Question {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        action: action(visit),
        flow: flow::seal(visit, Purpose::SignOut, request)?,
        start: start(visit),
    };
    let forms = if request.redirect.is_some() { Forms::LeadOn } else { Forms::StayHere };
    Ok(page(StatusCode::OK, &template, policy::without_script(forms)))
}

/// Ends the session, or what it gave the one application that asks, and goes where the request wants.
pub(crate) async fn finish(
    visit: &Visit,
    request: &LogoutRequest,
    session: Option<&Session>,
) -> Result<Response, Problem> {
    if let (Some(session), Some(client)) = (session, request.only) {
        session::leave(&visit.front.accounts, &visit.view, session, client).await?;
        return onward(visit, request, Vec::new());
    }
    let mut frames = Vec::new();
    if let Some(session) = session {
        session::end(&visit.front.accounts, &visit.view, session).await?;
        frames = frames::of(&visit.front.oauth, &visit.view, session).await?;
    }
    let mut response = onward(visit, request, frames)?;
    visit.forget(&mut response);
    Ok(response)
}

/// To where the request wants, by way of a page where there are frames to load.
fn onward(visit: &Visit, request: &LogoutRequest, frames: Vec<LogoutFrame>) -> Result<Response, Problem> {
    match &request.redirect {
        Some(url) if frames.is_empty() => redirect(url),
        redirect => Ok(signed_out(visit, frames, redirect.as_deref())),
    }
}

fn signed_out(visit: &Visit, frames: Vec<LogoutFrame>, onward: Option<&str>) -> Response {
    let origins: Vec<String> = frames.iter().map(|frame| frame.origin.clone()).collect();
    let policy = policy::with_frames(&origins, onward.map(|_| SCRIPT_HASH));
    let chrome = Chrome::of(&visit.front, Some(&visit.view));
    page(StatusCode::OK, &SignedOut { chrome, start: start(visit), frames, onward, script: SCRIPT }, policy)
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
    let request =
        LogoutRequest { needs_confirmation: true, session: Some(session), client_id: None, redirect: None, only: None };
    flow::seal(visit, Purpose::SignOut, &request)
}

fn start(visit: &Visit) -> String {
    format!("{}/", visit.view.issuer.base_path())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_that_we_send() {
        assert_eq!(SCRIPT_HASH, format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT))));
    }
}
