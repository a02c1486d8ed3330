//! The last step of an answer: into the form in which the browser carries it, signed where the client wants that
//! (JWT Secured Authorization Response Mode).

use std::time::Duration;

use chancery_domain::{
    fault::Fault,
    view::TenantView,
    vocabulary::{Algorithm, ResponseMode, TokenType},
};
use serde_json::{Map, Value};

use super::Answer;
use crate::{Context, percent};

/// How the browser carries an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Carried {
    /// It is sent to this URL.
    Redirect(String),
    /// It posts a form.
    Form {
        /// To this URL.
        action: String,
        /// With these fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// The longest life of a signed answer (FAPI 2.0 Message Signing section 5.4.2).
const LIFE: Duration = Duration::from_secs(600);

/// What the browser has to do for an answer.
pub async fn carry(cx: &Context, view: &TenantView, answer: Answer) -> Result<Carried, Fault> {
    let parameters =
        if answer.mode.is_signed() { vec![("response", signed(cx, view, &answer).await?)] } else { answer.parameters };
    let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
    Ok(match answer.mode {
        ResponseMode::Query | ResponseMode::QueryJwt => {
            Carried::Redirect(percent::with_query(&answer.redirect_uri, pairs))
        }
        ResponseMode::Fragment | ResponseMode::FragmentJwt | ResponseMode::Jwt => {
            Carried::Redirect(percent::with_fragment(&answer.redirect_uri, pairs))
        }
        ResponseMode::FormPost | ResponseMode::FormPostJwt => {
            Carried::Form { action: answer.redirect_uri, fields: parameters }
        }
    })
}

/// The answer as one JWT: its parameters, for the client alone, and not for long (JARM section 2.1). It lives no longer
/// than what the tenant's keys have promised to be published for.
async fn signed(cx: &Context, view: &TenantView, answer: &Answer) -> Result<String, Fault> {
    let now = cx.clock.now();
    if !view.may_sign(now) {
        return Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old"));
    }
    let expires_at = now + LIFE.min(view.tenant.settings.longest_life());
    let mut claims: Map<String, Value> =
        answer.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    claims.insert("aud".to_owned(), answer.client_id.as_str().into());
    claims.insert("exp".to_owned(), expires_at.seconds().into());
    let claims = serde_json::to_vec(&claims).map_err(|error| Fault::broken("claims cannot be written", error))?;
    let algorithm = algorithm(cx, view, answer).await?;
    view.signer.sign(algorithm, TokenType::AuthorizationResponse, &claims).await
}

/// What the client registered, as long as there is a key for it; else the tenant's default.
async fn algorithm(cx: &Context, view: &TenantView, answer: &Answer) -> Result<Algorithm, Fault> {
    let client = cx.directory.client(view.tenant.id, &answer.client_id).await?;
    let registered = client.and_then(|client| client.metadata.authorization_signing);
    let there = registered.filter(|algorithm| view.signing_algorithms.contains(algorithm));
    Ok(there.unwrap_or_else(|| view.default_algorithm()))
}

/// Shows where it goes, never a code or a token.
impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Redirect(url) => f.debug_tuple("Redirect").field(&url.split(['?', '#']).next()).finish(),
            Self::Form { action, .. } => f.debug_struct("Form").field("action", action).finish_non_exhaustive(),
        }
    }
}
