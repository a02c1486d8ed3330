//! A user: a person who signs in at one tenant.

mod fields;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    fault::{IllegalMove, Malformed},
    id::UserId,
    time::Timestamp,
    version::Version,
};

pub use self::fields::UserField;

/// The name that a user signs in with, in lower case: 1 to 64 letters, digits, `.`, `_`, `-`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

impl FromStr for Username {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if (1..=64).contains(&text.len()) && text.chars().all(legal) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Malformed::new("username", "must be 1 to 64 letters, digits, dots, underscores or hyphens"))
        }
    }
}

/// An e-mail address, in lower case. Read as a place to send mail to, not as proof that mail arrives.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl FromStr for Email {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule = Malformed::new("email", "must be an address such as ada@example.com of at most 254 characters");
        let (local, host) = text.rsplit_once('@').ok_or_else(|| rule.clone())?;
        let legal = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | ',' | ';' | '@');
        let fits = (3..=254).contains(&text.len())
            && (1..=64).contains(&local.len())
            && !host.is_empty()
            && text.chars().filter(|c| *c != '@').all(legal)
            && local.chars().all(legal);
        if fits { Ok(Self(text.to_lowercase())) } else { Err(rule) }
    }
}

impl Username {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// The address as text. Never for the log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Username(..)")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// What somebody types to say who they are: an e-mail address where there is an `@`, else a username.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// By name.
    Username(Username),
    /// By address.
    Email(Email),
}

impl FromStr for Login {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text.contains('@') { text.parse().map(Self::Email) } else { text.parse().map(Self::Username) }
    }
}

/// A password as stored: a PHC string of Argon2id.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string in.
    #[must_use]
    pub const fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for storing and verifying.
    #[must_use]
    pub fn phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// They may.
    Enabled,
    /// They may not, and their tokens are inactive.
    Disabled,
}

impl UserState {
    /// The name of the state.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// A user as stored.
#[derive(Clone)]
pub struct User {
    /// The `sub` of every token about them.
    pub id: UserId,
    /// The name they sign in with.
    pub username: Username,
    /// The address they may sign in with.
    pub email: Option<Email>,
    /// Whether the address was proven to be theirs.
    pub email_verified: bool,
    /// Their standard claims (OpenID Connect Core section 5.1) but for `sub`, `email` and `email_verified`.
    pub claims: UserClaims,
    /// Their password, if they have one.
    pub password: Option<PasswordHash>,
    pub(crate) state: UserState,
    /// Counts the writes.
    pub version: Version,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were last written; the claim `updated_at`.
    pub updated_at: Timestamp,
}

/// Shows which user it is and nothing about the person.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

impl User {
    /// A new, enabled user without a password.
    #[must_use]
    pub fn new(id: UserId, username: Username, now: Timestamp) -> Self {
        Self {
            id,
            username,
            email: None,
            email_verified: false,
            claims: UserClaims::default(),
            password: None,
            state: UserState::Enabled,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }

    /// The user in the state that their row tells.
    #[must_use]
    pub fn stored_as(self, state: UserState) -> Self {
        Self { state, ..self }
    }

    /// The state they are in.
    #[must_use]
    pub const fn state(&self) -> UserState {
        self.state
    }

    /// Whether they may sign in.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.state == UserState::Enabled
    }

    /// Refuses them from now on.
    pub fn disable(self) -> Result<Self, IllegalMove> {
        match self.state {
            UserState::Enabled => Ok(Self { state: UserState::Disabled, ..self }),
            UserState::Disabled => Err(IllegalMove { from: "disabled", to: "disabled" }),
        }
    }

    /// Lets them sign in again.
    pub fn enable(self) -> Result<Self, IllegalMove> {
        match self.state {
            UserState::Disabled => Ok(Self { state: UserState::Enabled, ..self }),
            UserState::Enabled => Err(IllegalMove { from: "enabled", to: "enabled" }),
        }
    }

    /// The value of one claim, if they have it. Never null, never empty.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<Value> {
        match name {
            "sub" => Some(self.id.to_string().into()),
            "email" => self.email.as_ref().map(|email| email.as_str().into()),
            "email_verified" => self.email.as_ref().map(|_| self.email_verified.into()),
            "updated_at" => Some(self.updated_at.seconds().into()),
            "preferred_username" => {
                Some(self.claims.0.get(name).cloned().unwrap_or_else(|| self.username.as_str().into()))
            }
            _ => self.claims.0.get(name).cloned(),
        }
    }
}

/// Claims about a user, each of the type that the specification gives it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserClaims(Map<String, Value>);

impl UserClaims {
    /// Names that stand in tokens for other things and may never be claims of a user.
    const RESERVED: &[&str] = &[
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "azp",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "at_hash",
        "c_hash",
        "s_hash",
        "sid",
        "scope",
        "client_id",
        "cnf",
        "act",
        "may_act",
        "email",
        "email_verified",
        "updated_at",
    ];

    /// Reads claims as somebody sent them. Nulls and empty texts are left out.
    pub fn parse(mut claims: Map<String, Value>) -> Result<Self, Malformed> {
        const WHAT: &str = "claims";
        claims.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        for (name, value) in &claims {
            if name.len() > 128 || Self::RESERVED.contains(&name.as_str()) {
                return Err(Malformed::new(WHAT, "must not hold a name that tokens use for something else"));
            }
            let fits = match name.as_str() {
                "phone_number_verified" => value.is_boolean(),
                "address" => value.is_object(),
                "birthdate" => value.as_str().is_some_and(is_birthdate),
                "name" | "given_name" | "family_name" | "middle_name" | "nickname" | "preferred_username"
                | "profile" | "picture" | "website" | "gender" | "zoneinfo" | "locale" | "phone_number" => {
                    value.is_string()
                }
                _ => true,
            };
            if !fits {
                return Err(Malformed::new(WHAT, "must have the types of OpenID Connect Core section 5.1"));
            }
        }
        if serde_json::to_string(&claims).map_or(true, |json| json.len() > 16_384) {
            return Err(Malformed::new(WHAT, "must be at most 16 KiB of JSON"));
        }
        Ok(Self(claims))
    }

    /// The claims as JSON.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// `YYYY-MM-DD` (the year may be 0000) or `YYYY`.
fn is_birthdate(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>()[..] {
        [year] => digits(year, 4),
        [year, month, day] => digits(year, 4) && digits(month, 2) && digits(day, 2),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_an_address_or_a_name() {
        assert!(matches!(" Ada@Example.com ".parse(), Ok(Login::Email(e)) if e.as_str() == "ada@example.com"));
        assert!(matches!("Ada".parse(), Ok(Login::Username(u)) if u.as_str() == "ada"));
        for bad in ["", "a b", "@x", "a@", "a@b@c", "<a@b>"] {
            assert!(bad.parse::<Login>().is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_keep_to_their_types() {
        let parse = |json: &str| UserClaims::parse(serde_json::from_str(json).expect("json"));
        assert!(parse(r#"{"name":"Ada","birthdate":"0000-12-10","x":1}"#).is_ok());
        assert!(parse(r#"{"iss":"x"}"#).is_err());
        assert!(parse(r#"{"name":1}"#).is_err());
        assert!(parse(r#"{"birthdate":"10.12."}"#).is_err());
        assert!(parse(r#"{"name":null,"nickname":""}"#).expect("good").as_map().is_empty());
    }
}
