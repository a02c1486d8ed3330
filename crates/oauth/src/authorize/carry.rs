//! The last step of an answer: into the form in which the browser carries it, signed where the client wants that, and
//! encrypted behind its signature where only the client is to read it (JWT Secured Authorization Response Mode).

use std::time::Duration;

use chancery_domain::{
    client::Client,
    fault::Fault,
    ports::client_jose::Content,
    view::TenantView,
    vocabulary::{Algorithm, ResponseMode, TokenType},
};
use serde_json::{Map, Value};

use super::{Answer, Checked, client};
use crate::{Context, encrypted, error::OAuthError, percent};

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

/// What the browser has to do for an answer. One that the client wants encrypted, without a key that it can be encrypted
/// to, goes nowhere: it would tell others, or nobody.
pub async fn carry(cx: &Context, view: &TenantView, answer: Answer) -> Result<Carried, OAuthError> {
    let parameters =
        if answer.mode.is_signed() { vec![("response", jwt(cx, view, &answer).await?)] } else { answer.parameters };
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

/// Whether the client could read an answer to its request, which is looked at before there is one.
pub(super) async fn check_readable(cx: &Context, view: &TenantView, checked: &Checked) -> Result<(), OAuthError> {
    match checked.client.metadata.authorization_encryption {
        Some(how) if checked.request.response_mode.is_signed() => {
            Ok(encrypted::check(cx, view, &checked.client, how).await?)
        }
        Some(_) | None => Ok(()),
    }
}

/// The answer as one JWT, as the client registered it: signed, or signed and then encrypted (JARM section 2.2).
async fn jwt(cx: &Context, view: &TenantView, answer: &Answer) -> Result<String, OAuthError> {
    let client = client::find(cx, view, &answer.client_id).await?;
    let signed = signed(cx, view, &client, answer).await?;
    match client.metadata.authorization_encryption {
        Some(how) => Ok(encrypted::encrypt(cx, view, &client, how, Content::Jwt(&signed)).await?),
        None => Ok(signed),
    }
}

/// The answer signed: its parameters, for the client alone, and not for long (JARM section 2.1). It lives no longer
/// than what the tenant's keys have promised to be published for.
async fn signed(cx: &Context, view: &TenantView, client: &Client, answer: &Answer) -> Result<String, Fault> {
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
    view.signer.sign(algorithm(view, client), TokenType::AuthorizationResponse, &claims).await
}

/// What the client registered, as long as there is a key for it; else the tenant's default.
fn algorithm(view: &TenantView, client: &Client) -> Algorithm {
    let registered = client.metadata.authorization_signing;
    let there = registered.filter(|algorithm| view.signing_algorithms.contains(algorithm));
    there.unwrap_or_else(|| view.default_algorithm())
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
