//! Where the value of a mapped claim comes from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{fault::Malformed, user::User};

/// The source of a value, which keeps its JSON type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimSource {
    /// A claim of the user: by its name, or by a path that begins with a slash (RFC 6901), such as `/address/country`.
    /// `/username` is the name that they sign in with.
    User(String),
    /// The same for everybody.
    Constant(Value),
}

impl ClaimSource {
    /// The most bytes of JSON that a constant takes.
    pub const LONGEST_CONSTANT: usize = 1024;
    const LONGEST_PATH: usize = 256;
    const DEEPEST: usize = 8;

    /// A claim of the user, by name or path.
    pub fn user(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "user_claim";
        if !(1..=Self::LONGEST_PATH).contains(&text.len()) || text.chars().any(char::is_control) {
            return Err(Malformed::new(WHAT, "must be 1 to 256 characters without control characters"));
        }
        let depth = text.strip_prefix('/').map_or(1, |path| path.split('/').count());
        if text == "/" || depth > Self::DEEPEST {
            return Err(Malformed::new(WHAT, "must be the name of a claim, or a path of at most 8 steps"));
        }
        Ok(Self::User(text.to_owned()))
    }

    /// A constant: anything but null.
    pub fn constant(value: Value) -> Result<Self, Malformed> {
        const WHAT: &str = "constant";
        if value.is_null() {
            return Err(Malformed::new(WHAT, "must not be null"));
        }
        if value.to_string().len() > Self::LONGEST_CONSTANT {
            return Err(Malformed::new(WHAT, "must be at most 1024 bytes of JSON"));
        }
        Ok(Self::Constant(value))
    }

    /// Roughly how much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::User(path) => path.len(),
            Self::Constant(value) => 8 * value.to_string().len(),
        }
    }

    /// Whether it is about the user.
    #[must_use]
    pub const fn needs_user(&self) -> bool {
        match self {
            Self::User(_) => true,
            Self::Constant(_) => false,
        }
    }

    /// The value, if there is one. Never null, and never an empty text.
    #[must_use]
    pub fn value(&self, user: Option<&User>) -> Option<Value> {
        let found = match self {
            Self::Constant(value) => Some(value.clone()),
            Self::User(path) => user.and_then(|user| value_at(user, path)),
        };
        found.filter(|value| !value.is_null() && value.as_str() != Some(""))
    }
}

fn value_at(user: &User, path: &str) -> Option<Value> {
    let Some(steps) = path.strip_prefix('/') else { return claim(user, path) };
    let (first, rest) = steps.split_once('/').unwrap_or((steps, ""));
    let first = first.replace("~1", "/").replace("~0", "~");
    if rest.is_empty() && first == "username" {
        return Some(user.username.as_str().into());
    }
    let value = claim(user, &first)?;
    if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")).cloned() }
}

/// `sub` is no source: who the token is about, only the protocol says.
fn claim(user: &User, name: &str) -> Option<Value> {
    if name == "sub" { None } else { user.claim(name) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{id::UserId, time::Timestamp, user::UserClaims};

    fn ada() -> User {
        let id: UserId = "018f0000-0000-7000-8000-000000000000".parse().expect("an id");
        let mut user = User::new(id, "ada".parse().expect("a name"), Timestamp::from_millis(1000));
        let claims = json!({
            "department": "R&D", "visits": 7, "staff": true, "groups": ["a", "b"], "empty": [],
            "address": { "country": "GB", "lines": ["1", "2"] }, "https://example.com/roles": ["admin"],
        });
        user.claims = UserClaims::parse(claims.as_object().cloned().expect("an object")).expect("claims");
        user
    }

    #[test]
    fn a_value_keeps_its_type() {
        let ada = ada();
        for (path, expected) in [
            ("department", json!("R&D")),
            ("visits", json!(7)),
            ("staff", json!(true)),
            ("groups", json!(["a", "b"])),
            ("empty", json!([])),
            ("address", json!({ "country": "GB", "lines": ["1", "2"] })),
            ("/address/country", json!("GB")),
            ("/address/lines/1", json!("2")),
            ("https://example.com/roles", json!(["admin"])),
            ("/https:~1~1example.com~1roles/0", json!("admin")),
            ("/username", json!("ada")),
            ("preferred_username", json!("ada")),
        ] {
            let source = ClaimSource::user(path).expect(path);
            assert_eq!(source.value(Some(&ada)), Some(expected), "{path}");
            assert_eq!(source.value(None), None);
        }
        for absent in ["sub", "/sub", "nothing", "/address/city", "/address/lines/9", "email", "/groups/x"] {
            assert_eq!(ClaimSource::user(absent).expect(absent).value(Some(&ada)), None, "{absent}");
        }
    }

    #[test]
    fn a_constant_is_small_and_not_null() {
        for good in [json!("x"), json!(1.5), json!(false), json!([1, "a"]), json!({ "a": { "b": [] } })] {
            assert_eq!(ClaimSource::constant(good.clone()).expect("good").value(None), Some(good));
        }
        assert!(ClaimSource::constant(Value::Null).is_err());
        assert!(ClaimSource::constant(json!("x".repeat(1024))).is_err());
        for bad in ["", "/", "a\nb", "/a/b/c/d/e/f/g/h/i"] {
            assert!(ClaimSource::user(bad).is_err(), "{bad}");
        }
    }
}
