//! The end-session endpoint (OpenID Connect RP-Initiated Logout section 2).

use axum::response::Response;
use chancery_oauth::{endpoints::LOGOUT, logout};

use crate::{
    error::Problem,
    extract::{asked::Asked, visit::Visit},
    layers::line,
    pages::{again, signout},
};

/// An application sends the browser here to sign its user out.
pub(crate) async fn logout(visit: Visit, asked: Result<Asked, Problem>) -> Response {
    if let Some(again) = again::instead(&visit, &asked, LOGOUT) {
        return again;
    }
    let answer = begin(&visit, asked).await;
    visit.answer(answer)
}

async fn begin(visit: &Visit, asked: Result<Asked, Problem>) -> Result<Response, Problem> {
    let asked = asked?;
    let session = visit.session().await?;
    let request = logout::check(&visit.front.oauth, &visit.view, &asked.parameters, session.as_ref()).await?;
    request.client_id.as_ref().inspect(|client| line::client(client));
    if request.needs_confirmation {
        signout::ask(visit, &request)
    } else {
        signout::finish(visit, &request, session.as_ref()).await
    }
}
