//! The start page of a tenant: who this is, where its documents are, and whether one is signed in.

use askama::Template;
use axum::response::Response;
use chancery_oauth::endpoints::{JWKS, SIGN_IN};
use http::StatusCode;

use super::{
    chrome::Chrome,
    page as render, person,
    policy::{self, Forms},
    signout,
};
use crate::{error::Problem, extract::visit::Visit};

#[derive(Template)]
#[template(path = "start.html")]
struct Start<'a> {
    chrome: Chrome<'a>,
    issuer: &'a str,
    discovery: String,
    jwks: String,
    sign_in: String,
    sign_out: String,
    guest: Option<Guest>,
}

/// Somebody who is signed in.
struct Guest {
    name: String,
    flow: String,
}

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    let answer = show(&visit).await;
    visit.answer(answer)
}

async fn show(visit: &Visit) -> Result<Response, Problem> {
    let guest = match visit.session().await? {
        Some(session) => {
            Some(Guest { name: person::name_of(visit, &session).await?, flow: signout::own_flow(visit, session.id)? })
        }
        None => None,
    };
    let path = visit.view.issuer.base_path();
    let template = Start {
        chrome: Chrome::of(&visit.front, Some(&visit.view)),
        issuer: visit.view.issuer.as_str(),
        discovery: format!("{path}/.well-known/openid-configuration"),
        jwks: format!("{path}{JWKS}"),
        sign_in: format!("{path}{SIGN_IN}"),
        sign_out: signout::action(visit),
        guest,
    };
    Ok(render(StatusCode::OK, &template, policy::without_script(Forms::StayHere)))
}
