//! A token that others can write as well as we: all who verify tokens of the HMAC form have the secret for it.
//!
//! So nothing of it is read but what is looked at: the rows that it hangs on, its client and its times vouch for these
//! claims, and nobody for any other.

use chancery_domain::{
    confirmation::Confirmation,
    key_policy::Margins,
    scope::{ScopeSet, ScopeValue},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is looked at.
#[derive(Deserialize, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    jti: String,
    client_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    scope: String,
    scp: Vec<String>,
    /// Nobody gains by a key that is named here: without one the token would be of use to more.
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What is believed of such a token; nothing where it is not as we write them.
pub(super) fn believed(claims: Map<String, Value>, now: Timestamp) -> Option<Map<String, Value>> {
    let claims: Claims = serde_json::from_value(claims.into()).ok()?;
    let scopes = ScopeSet::parse(&claims.scope).ok()?;
    let is_one = claims.scp.iter().eq(scopes.iter().map(ScopeValue::as_str)) && claims.scope == scopes.to_string();
    let is_past = Timestamp::from_seconds(claims.iat) <= now + Margins::STANDARD.skew;
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) if is_one && is_past => Some(claims),
        Ok(_) | Err(_) => None,
    }
}
