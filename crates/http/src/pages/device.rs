//! The pages for a device that cannot show a browser (RFC 8628 section 3.3): one to type its code, one to decide.
//!
//! Nobody gets to the decision without signing in, and nothing is allowed without a button: an address that brings the code
//! along saves typing and no more. What is asked for, by whom and from where stands above the button, with the code, to be
//! compared with what the device shows (section 5.4).

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use chancery_accounts::user_code::{self, CodeRefused};
use chancery_domain::{
    device::UserCode,
    id::SessionId,
    ports::jose::Purpose,
    secret::{Digest, base64url, from_base64url},
    session::Session,
    vocabulary::GrantType,
};
use chancery_oauth::{
    device::{self, Decision, Shown},
    endpoints::DEVICE,
    error::OAuthError,
};
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use serde::{Deserialize, Serialize};

use super::{
    application::Application,
    chrome::Chrome,
    consent::{Asked as AskedScope, listed},
    flow, page as render, person,
    policy::{self, Forms},
    redirect, signin,
    words::Words,
};
use crate::{
    error::{Problem, user_code_status},
    extract::{asked::Asked, form::Form, visit::Visit},
    layers::line,
};

/// What the page remembers.
#[derive(Serialize, Deserialize)]
enum State {
    /// Somebody types a code.
    Code,
    /// Somebody decides about the wish of that digest, in that session.
    Decision { wish: String, session: SessionId },
}

#[derive(Template)]
#[template(path = "device.html")]
struct CodePage<'a> {
    chrome: Chrome<'a>,
    person: String,
    typed: &'a str,
    action: String,
    flow: String,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "device_decision.html")]
struct DecisionPage<'a> {
    chrome: Chrome<'a>,
    application: Application<'a>,
    person: String,
    code: String,
    place: String,
    asked: String,
    scopes: Vec<AskedScope<'a>>,
    action: String,
    flow: String,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage<'a> {
    chrome: Chrome<'a>,
    title: &'static str,
    words: &'static str,
}

/// Somebody comes by themselves, or by an address that brings the code along.
pub(crate) async fn page(visit: Visit, asked: Result<Asked, Problem>) -> Response {
    let answer = arrive(&visit, asked).await;
    visit.answer(answer)
}

async fn arrive(visit: &Visit, asked: Result<Asked, Problem>) -> Result<Response, Problem> {
    must_be_offered(visit)?;
    let asked = asked?;
    let typed = asked.parameters.optional("user_code")?.unwrap_or_default();
    let Some(session) = visit.session().await? else {
        let code = UserCode::parse(typed).map(|code| format!("?user_code={}", code.expose()));
        return signin::ask_for(visit, format!("{DEVICE}{}", code.unwrap_or_default()));
    };
    if typed.is_empty() { ask(visit, &session, "", None).await } else { look_up(visit, &session, typed).await }
}

/// Somebody pressed a button.
pub(crate) async fn submit(visit: Visit, form: Result<Form, Problem>) -> Response {
    let answer = go_on(&visit, form).await;
    visit.answer(answer)
}

async fn go_on(visit: &Visit, form: Result<Form, Problem>) -> Result<Response, Problem> {
    must_be_offered(visit)?;
    visit.must_be_our_form()?;
    let form = form?.parameters;
    let state: State = flow::open(visit, Purpose::Device, &form)?;
    match (state, visit.session().await?) {
        (State::Code, Some(session)) => look_up(visit, &session, form.optional("user_code")?.unwrap_or_default()).await,
        (State::Code, None) => redirect(&visit.view.issuer.at(DEVICE)),
        (State::Decision { wish, session }, Some(now)) if now.id == session => {
            let digest = from_base64url(&wish).and_then(|bytes| bytes.try_into().ok()).map(Digest::from_bytes);
            decide(visit, &now, &digest.ok_or(Problem::ForeignFlow)?, form.one("decision")?).await
        }
        (State::Decision { .. }, Some(_) | None) => Err(Problem::ForeignFlow),
    }
}

/// There is no page where the tenant has no devices.
fn must_be_offered(visit: &Visit) -> Result<(), Problem> {
    if visit.view.tenant.offers(GrantType::DeviceCode) { Ok(()) } else { Err(Problem::NotFound) }
}

/// The page for a code, perhaps once more.
async fn ask(
    visit: &Visit,
    session: &Session,
    typed: &str,
    refused: Option<&CodeRefused>,
) -> Result<Response, Problem> {
    let (trouble, wait) = match refused {
        None => (None, None),
        Some(CodeRefused::Unknown | CodeRefused::Ours(_)) => {
            (Some("No device waits with that code. Look at it again, or let the device show another.".to_owned()), None)
        }
        Some(CodeRefused::TooMany { retry_after }) => {
            (Some("Too many codes were typed in vain. Try again later.".to_owned()), Some(*retry_after))
        }
    };
    let template = CodePage {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        person: person::name_of(visit, session).await?,
        typed: &typed[..typed.floor_char_boundary(LONGEST_TYPED)],
        action: action(visit),
        flow: flow::seal(visit, Purpose::Device, &State::Code)?,
        trouble,
    };
    let mut response = render(user_code_status(refused), &template, policy::without_script(Forms::StayHere));
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    Ok(response)
}

/// What the page gives back of what somebody typed, in bytes.
const LONGEST_TYPED: usize = 64;

async fn look_up(visit: &Visit, session: &Session, typed: &str) -> Result<Response, Problem> {
    let found = match user_code::look_up(&visit.front.accounts, &visit.view, typed, visit.source).await {
        Ok(wish) => device::find(&visit.front.oauth, &visit.view, &wish.digest).await?,
        Err(CodeRefused::Ours(fault)) => return Err(fault.into()),
        Err(refused) => return ask(visit, session, typed, Some(&refused)).await,
    };
    match (found, UserCode::parse(typed)) {
        (Some(shown), Some(code)) => confirm(visit, session, &shown, &code).await,
        (Some(_), None) | (None, Some(_) | None) => ask(visit, session, typed, Some(&CodeRefused::Unknown)).await,
    }
}

/// The page to decide.
async fn confirm(visit: &Visit, session: &Session, shown: &Shown, code: &UserCode) -> Result<Response, Problem> {
    line::client(&shown.client.id);
    let state = State::Decision { wish: base64url(shown.wish.digest.bytes()), session: session.id };
    let template = DecisionPage {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        application: Application::of(&shown.client, ""),
        person: person::name_of(visit, session).await?,
        code: code.expose(),
        place: shown.wish.place.to_string(),
        asked: ago(visit.front.oauth.clock.now().since(shown.wish.created_at)),
        scopes: listed(visit, Words::among(&[]), &shown.wish.scopes),
        action: action(visit),
        flow: flow::seal(visit, Purpose::Device, &state)?,
    };
    Ok(render(StatusCode::OK, &template, policy::with_logo(Forms::StayHere, template.application.logo)))
}

async fn decide(visit: &Visit, session: &Session, wish: &Digest, decision: &str) -> Result<Response, Problem> {
    let (cx, view) = (&visit.front.oauth, &visit.view);
    let Some(shown) = device::find(cx, view, wish).await? else { return Ok(over(visit)) };
    line::client(&shown.client.id);
    let (made, title, words) = match decision {
        "allow" => (
            device::approve(cx, view, &shown, session).await?,
            "You can go back to your device",
            "It is connected in a moment. You can close this page.",
        ),
        "deny" => (
            device::deny(cx, view, &shown, session).await?,
            "The device was refused",
            "It gets no access. You can close this page.",
        ),
        _ => return Err(OAuthError::invalid_request("decision must be allow or deny").into()),
    };
    Ok(match made {
        Decision::Made => done(visit, StatusCode::OK, title, words),
        Decision::TooLate => over(visit),
    })
}

/// The wish is too old, or was decided about.
fn over(visit: &Visit) -> Response {
    let words = "Its code is too old, or somebody has decided already. Let the device show another.";
    done(visit, user_code_status(Some(&CodeRefused::Unknown)), "The device no longer waits", words)
}

fn done(visit: &Visit, status: StatusCode, title: &'static str, words: &'static str) -> Response {
    let template = DonePage { chrome: Chrome::of(&visit.front, Some(&visit.view)), title, words };
    render(status, &template, policy::without_script(Forms::StayHere))
}

fn action(visit: &Visit) -> String {
    format!("{}{DEVICE}", visit.view.issuer.base_path())
}

fn ago(since: Duration) -> String {
    match since.as_secs() / 60 {
        0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}
