//! Who acts for the subject (RFC 8693 sections 4.1 and 4.4).

use chancery_domain::secret::Secret;
use serde_json::{Value, json};

use super::{by_shared_secret, check_type, subject::Subject};
use crate::{access_token::AccessToken, error::OAuthError, parameters::Parameters, token::Call};

/// The longest chain of actors that a token tells of.
const LONGEST_CHAIN: usize = 5;

/// The token of the party that acts, where it is not the client itself.
pub(super) struct ActorToken(Secret);

impl ActorToken {
    pub(super) fn parse(parameters: &Parameters) -> Result<Option<Self>, OAuthError> {
        match (parameters.optional("actor_token")?, parameters.optional("actor_token_type")?) {
            (None, None) => Ok(None),
            (Some(token), Some(named)) => {
                check_type("actor_token_type", named)?;
                Ok(Some(Self(Secret::new(token.to_owned()))))
            }
            (Some(_), None) => Err(OAuthError::invalid_request("actor_token_type is missing")),
            (None, Some(_)) => Err(OAuthError::invalid_request("actor_token_type stands without an actor_token")),
        }
    }

    /// Who it is about: it must be good, and the client's own.
    async fn subject(&self, call: &Call<'_>) -> Result<Value, OAuthError> {
        let bad = || OAuthError::invalid_request("actor_token is not one of the client's that is good now");
        let token = AccessToken::read(call.view, self.0.expose(), call.now).ok_or_else(bad)?;
        if token.has_hmac_form() {
            return Err(by_shared_secret());
        }
        if token.is_of(call.client.id.as_str()) && token.is_good(call.cx, call.view, call.now).await? {
            token.claims.get("sub").cloned().ok_or_else(bad)
        } else {
            Err(bad())
        }
    }
}

/// The claim `act` of the token that goes out. A client that narrows a token of its own adds nobody to the chain.
pub(super) async fn of(
    call: &Call<'_>,
    subject: &Subject,
    actor_token: Option<ActorToken>,
) -> Result<Option<Value>, OAuthError> {
    let before = subject.claims.get("act").cloned();
    let (actor, is_named) = match &actor_token {
        Some(token) => (token.subject(call).await?, true),
        None => (Value::from(call.client.id.as_str()), false),
    };
    check_may_act(subject, &actor)?;
    let is_silent = !is_named && (call.client.metadata.exchange.impersonates || subject.is_own);
    let act = match (is_silent, before) {
        (true, before) => before,
        (false, None) => Some(json!({ "sub": actor })),
        (false, Some(before)) => Some(json!({ "sub": actor, "act": before })),
    };
    let length = std::iter::successors(act.as_ref(), |act| act.get("act")).count();
    if length > LONGEST_CHAIN {
        return Err(OAuthError::invalid_request("subject_token has passed through too many hands already"));
    }
    Ok(act)
}

/// Whether the subject's token lets that party act, where it says who may.
fn check_may_act(subject: &Subject, actor: &Value) -> Result<(), OAuthError> {
    match subject.claims.get("may_act") {
        None => Ok(()),
        Some(may_act) if may_act.get("sub") == Some(actor) => Ok(()),
        Some(_) => Err(OAuthError::invalid_request("subject_token does not let this party act")),
    }
}
