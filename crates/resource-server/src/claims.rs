//! What an access token says (RFC 9068 section 2.2).

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use crate::{jws::Verified, rejection::Rejection};

/// A verified access token. The token itself is not kept.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// Who issued it.
    pub issuer: String,
    /// Whom it is about; unique within the issuer. See [`Self::principal`].
    pub subject: String,
    /// The client that it was issued to.
    pub client_id: String,
    /// Whom it is for.
    pub audience: Vec<String>,
    /// What it allows.
    pub scopes: BTreeSet<String>,
    /// Its own id, unique within the issuer.
    pub id: String,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// From when on it is good, in seconds since 1970.
    pub not_before: Option<i64>,
    /// All its claims, those above among them.
    pub claims: Map<String, Value>,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A user, through a client.
    User {
        /// The `sub`.
        subject: &'a str,
        /// The client that acts for them.
        client_id: &'a str,
    },
    /// A client, for itself.
    Client {
        /// The client.
        client_id: &'a str,
    },
}

impl AccessToken {
    /// Reads the claims of a token whose issuer is known. Time and audience are still to be looked at.
    pub(crate) fn read(token: Verified) -> Result<Self, Rejection> {
        let claims = token.claims;
        let text = |name: &'static str| match claims.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(Rejection::Claim(name)),
        };
        // A `NumericDate` in whole seconds: a fraction, or more than time holds, is no moment that the issuer wrote.
        let moment = |name: &'static str| claims.get(name).and_then(Value::as_i64).ok_or(Rejection::Claim(name));
        Ok(Self {
            issuer: text("iss")?,
            subject: text("sub")?,
            client_id: text("client_id")?,
            audience: audience(claims.get("aud"))?,
            scopes: scopes(claims.get("scope"))?,
            id: text("jti")?,
            issued_at: moment("iat")?,
            expires_at: moment("exp")?,
            not_before: claims.get("nbf").map(|_| moment("nbf")).transpose()?,
            claims,
        })
    }

    /// A user or a client: a client that acts for itself is its own subject.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        if self.subject == self.client_id {
            Principal::Client { client_id: &self.client_id }
        } else {
            Principal::User { subject: &self.subject, client_id: &self.client_id }
        }
    }

    /// Refuses unless the token has every one of these scopes.
    pub fn require<S: AsRef<str>>(&self, scopes: impl IntoIterator<Item = S>) -> Result<(), Rejection> {
        let required: Vec<String> = scopes.into_iter().map(|scope| scope.as_ref().to_owned()).collect();
        if required.iter().all(|scope| self.scopes.contains(scope)) {
            Ok(())
        } else {
            Err(Rejection::Scope { required })
        }
    }
}

/// Shows whom it concerns and what it allows, and no further claims.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// One text or a list of them (RFC 7519 section 4.1.3).
fn audience(value: Option<&Value>) -> Result<Vec<String>, Rejection> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = match value {
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(many)) => many.iter().map(text).collect(),
        _ => None,
    };
    list.ok_or(Rejection::Claim("aud"))
}

fn scopes(value: Option<&Value>) -> Result<BTreeSet<String>, Rejection> {
    match value {
        None => Ok(BTreeSet::new()),
        Some(Value::String(list)) => Ok(list.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect()),
        Some(_) => Err(Rejection::Claim("scope")),
    }
}
