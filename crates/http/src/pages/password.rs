//! The page where somebody who was given a link chooses their password.
//!
//! The link is in the address alone: the page loads nothing from elsewhere, sends no referrer, and remembers a digest,
//! sealed for this browser. Every link that leads nowhere gets one and the same page.

use askama::Template;
use axum::response::Response;
use chancery_accounts::password_link::{self, ChoiceRefused, Invited};
use chancery_domain::{
    password_link::PasswordLink,
    ports::jose::Purpose,
    secret::{Digest, Secret, base64url, from_base64url},
    user::User,
};
use chancery_oauth::endpoints::{PASSWORD, SIGN_IN};
use http::{StatusCode, header::RETRY_AFTER};
use serde::{Deserialize, Serialize};

use super::{
    chrome::Chrome,
    flow, page as render, person,
    policy::{self, Forms},
};
use crate::{
    error::{Problem, password_status},
    extract::{asked::Asked, form::Form, visit::Visit},
};

/// What the page remembers.
#[derive(Serialize, Deserialize)]
struct Choice {
    /// Digest of the link.
    link: String,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    chrome: Chrome<'a>,
    person: String,
    login: &'a str,
    action: String,
    flow: String,
    trouble: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "password_set.html")]
struct PasswordSet<'a> {
    chrome: Chrome<'a>,
    sign_in: String,
}

#[derive(Template)]
#[template(path = "password_over.html")]
struct LinkOver<'a> {
    chrome: Chrome<'a>,
}

/// Somebody opened a link.
pub(crate) async fn page(visit: Visit, asked: Result<Asked, Problem>) -> Response {
    let answer = welcome(&visit, asked).await;
    visit.answer(answer)
}

async fn welcome(visit: &Visit, asked: Result<Asked, Problem>) -> Result<Response, Problem> {
    let asked = asked?;
    let presented = asked.parameters.optional(PasswordLink::PARAMETER)?.unwrap_or_default();
    match password_link::follow(&visit.front.accounts, &visit.view, presented).await? {
        Some(invited) => show(visit, &invited, StatusCode::OK, None),
        None => Ok(over(visit)),
    }
}

/// Somebody pressed the button.
pub(crate) async fn submit(visit: Visit, form: Result<Form, Problem>) -> Response {
    let answer = choose(&visit, form).await;
    visit.answer(answer)
}

async fn choose(visit: &Visit, form: Result<Form, Problem>) -> Result<Response, Problem> {
    visit.must_be_our_form()?;
    let form = form?.parameters;
    let Choice { link } = flow::open(visit, Purpose::PasswordChoice, &form)?;
    let link = from_base64url(&link).and_then(|bytes| bytes.try_into().ok()).map(Digest::from_bytes);
    let link = link.ok_or(Problem::ForeignFlow)?;
    let typed = form.optional("password")?.unwrap_or_default();
    let refused = if form.optional("again")?.unwrap_or_default() == typed {
        let password = Secret::new(typed.to_owned());
        match password_link::choose(&visit.front.accounts, &visit.view, &link, &password).await {
            Ok(_) => return Ok(set(visit)),
            Err(ChoiceRefused::Ours(fault)) => return Err(fault.into()),
            Err(refused) => Some(refused),
        }
    } else {
        None
    };
    // The page once more, if the link still leads to it.
    match password_link::find(&visit.front.accounts, &visit.view, link).await? {
        Some(invited) => again(visit, &invited, refused.as_ref()),
        None => Ok(over(visit)),
    }
}

/// The page once more, with what was wrong: two passwords that differ, where nothing was refused.
fn again(visit: &Visit, invited: &Invited, refused: Option<&ChoiceRefused>) -> Result<Response, Problem> {
    let trouble = match refused {
        None => "You typed two different passwords. Type the same one twice.",
        Some(ChoiceRefused::Unfit(_)) => "A password has 8 characters at least and 1024 bytes at most.",
        Some(ChoiceRefused::Busy | ChoiceRefused::Over | ChoiceRefused::Ours(_)) => {
            "This did not work right now. Try again."
        }
    };
    let mut response = show(visit, invited, password_status(refused), Some(trouble))?;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, Problem::RETRY_AFTER);
    }
    Ok(response)
}

fn show(
    visit: &Visit,
    Invited { link, user }: &Invited,
    status: StatusCode,
    trouble: Option<&'static str>,
) -> Result<Response, Problem> {
    let template = PasswordPage {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        person: person::of(user),
        login: login(user),
        action: format!("{}{PASSWORD}", visit.view.issuer.base_path()),
        flow: flow::seal(visit, Purpose::PasswordChoice, &Choice { link: base64url(link.bytes()) })?,
        trouble,
    };
    Ok(render(status, &template, policy::without_script(Forms::StayHere)))
}

/// What they sign in with, for password managers.
fn login(user: &User) -> &str {
    user.username.as_str()
}

fn set(visit: &Visit) -> Response {
    let sign_in = format!("{}{SIGN_IN}", visit.view.issuer.base_path());
    let template = PasswordSet { chrome: Chrome::of(&visit.front, Some(&visit.view)), sign_in };
    render(StatusCode::OK, &template, policy::without_script(Forms::StayHere))
}

fn over(visit: &Visit) -> Response {
    let template = LinkOver { chrome: Chrome::of(&visit.front, Some(&visit.view)) };
    render(StatusCode::NOT_FOUND, &template, policy::without_script(Forms::StayHere))
}
