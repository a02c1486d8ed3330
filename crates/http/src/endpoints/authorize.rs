//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2).
//!
//! It stores nothing: until it answers, the request travels through the browser in the pages' sealed state.

use axum::response::Response;
use chancery_domain::{fault::Fault, session::Session};
use chancery_oauth::{
    authorize::{self, Answer, Carried, Checked, Done, Refusal, Step},
    endpoints::AUTHORIZE,
    error::OAuthError,
};

use crate::{
    error::Problem,
    extract::{asked::Asked, same_origin::Sender, visit::Visit},
    layers::line,
    pages::{self, again, consent, form_post, onward, signin, signup},
};

/// An application sends the browser here.
pub(crate) async fn authorize(visit: Visit, asked: Result<Asked, Problem>) -> Response {
    // A program is answered as it asks.
    if visit.sender != Sender::Untold
        && let Some(again) = again::instead(&visit, &asked, AUTHORIZE)
    {
        return again;
    }
    let answer = begin(&visit, asked).await;
    let answer = settled(&visit, answer).await;
    visit.answer(answer)
}

async fn begin(visit: &Visit, asked: Result<Asked, Problem>) -> Result<Response, Stop> {
    let asked = asked?;
    let checked = authorize::check(&visit.front.oauth, &visit.view, &asked.parameters).await?;
    let session = visit.session().await?;
    proceed(visit, checked, session.as_ref(), Done::default()).await
}

/// The next thing that a checked request needs: a page, or its answer.
pub(crate) async fn proceed(
    visit: &Visit,
    checked: Checked,
    session: Option<&Session>,
    done: Done,
) -> Result<Response, Stop> {
    line::client(&checked.client.id);
    let step = authorize::next_step(&visit.front.oauth, &visit.view, &checked, session, done).await?;
    match (step, session) {
        (Step::SignUp, _) => Ok(signup::leave(visit, checked)?),
        (Step::Consent { asked }, Some(session)) => Ok(consent::ask(visit, &checked, asked, session, done).await?),
        (Step::Issue, Some(session)) => issue(visit, &checked, session, done).await,
        (Step::SignIn, _) | (Step::Consent { .. } | Step::Issue, None) => Ok(signin::ask(visit, Some(checked))?),
    }
}

/// The code or the tokens, on their way to the client.
async fn issue(visit: &Visit, checked: &Checked, session: &Session, done: Done) -> Result<Response, Stop> {
    let answer = authorize::issue(&visit.front.oauth, &visit.view, checked, session, done).await?;
    let mut response = carried(visit, answer).await?;
    visit.show_state(session, &mut response);
    Ok(response)
}

/// Why a request went no further.
pub(crate) enum Stop {
    /// A page tells the user.
    Page(Problem),
    /// The client is told, through the browser.
    Answer(Answer),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Page(problem)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Page(fault.into())
    }
}

impl From<OAuthError> for Stop {
    fn from(error: OAuthError) -> Self {
        Self::Page(error.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Page(error) => Self::Page(error.into()),
            Refusal::Answer(answer) => Self::Answer(answer),
        }
    }
}

/// The response, or the refusal on its way to whoever is to hear of it.
pub(crate) async fn settled(visit: &Visit, outcome: Result<Response, Stop>) -> Result<Response, Problem> {
    match outcome {
        Ok(response) => Ok(response),
        Err(Stop::Page(problem)) => Err(problem),
        Err(Stop::Answer(answer)) => carried(visit, answer).await,
    }
}

/// An answer to the client, in the way that it asked for.
pub(crate) async fn carried(visit: &Visit, answer: Answer) -> Result<Response, Problem> {
    let needs_a_word = answer.needs_a_word.clone();
    match (authorize::carry(&visit.front.oauth, &visit.view, answer).await?, needs_a_word) {
        (carried, Some(languages)) => Ok(onward::show(visit, &carried, &languages)),
        (Carried::Redirect(url), None) => pages::redirect(&url),
        (Carried::Form { action, fields }, None) => Ok(form_post::show(visit, &action, &fields)),
    }
}
