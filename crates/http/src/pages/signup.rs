//! Leaving for the place where people make themselves an account (Initiating User Registration via OpenID Connect), and
//! coming back.
//!
//! That place is the tenant's own application. It is told where to send the browser when it is done, and that address
//! carries the request, sealed for this browser: who comes back in another one, or too late, begins again. It never sees
//! what the request says.

use axum::response::Response;
use chancery_domain::ports::jose::Purpose;
use chancery_oauth::{
    authorize::{AuthorizationRequest, Checked},
    endpoints::SIGN_IN,
    parameters::Parameters,
};
use url::Url;

use super::{flow, redirect, signin};
use crate::{error::Problem, extract::visit::Visit};

/// The longest address that browsers and what stands between are sure to carry, in bytes.
const LONGEST: usize = 8000;

/// Sends the browser there, with `return_to`, and with what may help people on their way. A request that is too long for
/// an address is answered with the sign-in page, as where there is no such place.
pub(crate) fn leave(visit: &Visit, checked: Checked) -> Result<Response, Problem> {
    let sealed = flow::seal(visit, Purpose::SignUp, &checked.request)?;
    let back = format!("{}?{}={sealed}", visit.view.issuer.at(SIGN_IN), flow::FIELD);
    let place = visit.view.tenant.settings.sign_up_uri.as_deref().and_then(|uri| Url::parse(uri).ok());
    let Some(mut place) = place else { return signin::ask(visit, Some(checked)) };
    {
        let request = &checked.request;
        let mut query = place.query_pairs_mut();
        query.append_pair("return_to", &back).append_pair("client_id", request.client_id.as_str());
        if let Some(hint) = &request.login_hint {
            query.append_pair("login_hint", hint);
        }
        if !request.ui_locales.is_empty() {
            query.append_pair("ui_locales", &request.ui_locales.join(" "));
        }
    }
    if place.as_str().len() > LONGEST { signin::ask(visit, Some(checked)) } else { redirect(place.as_str()) }
}

/// The request that waited, where the query brings one back.
pub(super) fn returned(visit: &Visit, query: &Parameters) -> Result<Option<AuthorizationRequest>, Problem> {
    if query.optional(flow::FIELD)?.is_none() {
        return Ok(None);
    }
    let request: AuthorizationRequest = flow::open(visit, Purpose::SignUp, query)?;
    Ok(Some(request.after_sign_up()))
}
