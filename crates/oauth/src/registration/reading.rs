//! Values as they stand in a registration, each with its bounds.

use std::collections::BTreeSet;

use chancery_domain::{client::ClientKind, fault::Malformed, redirect_uri::RedirectUri};
use serde_json::Value;

/// At most so many entries of a list.
const MOST: usize = 20;

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 2048;

/// A rule without a name: the member is named by whoever reads it.
pub(super) const fn rule(rule: &'static str) -> Malformed {
    Malformed::new("", rule)
}

/// A text.
pub(super) fn text(value: &Value) -> Result<&str, Malformed> {
    let text = value.as_str().filter(|text| text.len() <= LONGEST);
    text.ok_or(rule("must be a text of at most 2048 bytes"))
}

/// A text of a line at most.
pub(super) fn short(value: &Value) -> Result<String, Malformed> {
    let text = text(value)?;
    let plain = text.len() <= 255 && !text.chars().any(char::is_control);
    if plain {
        Ok(text.to_owned())
    } else {
        Err(rule("must be a text of at most 255 bytes without control characters"))
    }
}

/// Yes or no.
pub(super) fn truth(value: &Value) -> Result<bool, Malformed> {
    value.as_bool().ok_or(rule("must be true or false"))
}

/// A number of seconds.
pub(super) fn seconds(value: &Value) -> Result<u32, Malformed> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or(rule("must be a whole number of seconds, at most 4294967295"))
}

/// A list of texts.
pub(super) fn texts(value: &Value) -> Result<Vec<&str>, Malformed> {
    let list = value.as_array().filter(|list| list.len() <= MOST).ok_or(rule("must be a list of at most 20 texts"))?;
    list.iter().map(text).collect()
}

/// A list of words of the protocol.
pub(super) fn words<T: std::str::FromStr<Err = Malformed> + Ord>(value: &Value) -> Result<BTreeSet<T>, Malformed> {
    texts(value)?.into_iter().map(str::parse).collect()
}

/// A list of places that a browser is sent to.
pub(super) fn places(value: &Value, kind: ClientKind) -> Result<Vec<RedirectUri>, Malformed> {
    texts(value)?.into_iter().map(|text| RedirectUri::register(text, kind)).collect()
}
