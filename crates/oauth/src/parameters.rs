//! The parameters of a request, from a query or a form (RFC 6749 appendix B), decoded once.

use std::{borrow::Cow, fmt};

use crate::{
    error::{ErrorCode, OAuthError},
    percent,
};

/// The parameters of one request. Unknown ones are ignored; a known one may stand there once (RFC 6749 section 3.1).
pub struct Parameters {
    /// Every name and value, decoded, one after the other.
    text: String,
    pairs: Vec<Pair>,
}

/// Where a pair stands in the text.
#[derive(Clone, Copy)]
struct Pair {
    name: usize,
    value: usize,
    end: usize,
}

impl Parameters {
    /// The longest query or form that is read.
    pub const MOST_BYTES: usize = 64 * 1024;
    /// The most pairs that are read.
    pub const MOST_PAIRS: usize = 200;

    /// Reads a query or a form. A broken escape, bytes that are not UTF-8 and a NUL are refused.
    pub fn parse(encoded: &[u8]) -> Result<Self, OAuthError> {
        Self::parse_within(encoded, Self::MOST_BYTES)
    }

    /// The same, of at most so many bytes: for forms of ours, which carry what we wrote into them.
    pub fn parse_within(encoded: &[u8], most: usize) -> Result<Self, OAuthError> {
        if encoded.len() > most {
            return Err(OAuthError::invalid_request("the parameters are too long"));
        }
        let mut text = Vec::with_capacity(encoded.len());
        let mut pairs = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == Self::MOST_PAIRS {
                return Err(OAuthError::invalid_request("there are too many parameters"));
            }
            pairs.push(Pair::read(pair, &mut text).ok_or_else(malformed)?);
        }
        let text = String::from_utf8(text).map_err(|_| malformed())?;
        Ok(Self { text, pairs })
    }

    /// The value of a parameter, if it was sent. One sent without a value counts as not sent (RFC 6749 section 3.1);
    /// one sent twice is an error.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, OAuthError> {
        let mut found = self.pairs.iter().filter(|pair| &self.text[pair.name..pair.value] == name);
        let first = found.next().map(|pair| &self.text[pair.value..pair.end]);
        if found.next().is_some() {
            let hint = Cow::Owned(format!("{name} must not be repeated"));
            return Err(OAuthError::Caller { code: ErrorCode::InvalidRequest, hint });
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// Every value of a parameter that may be repeated (RFC 8707 section 2), in order; those without a value count as
    /// not sent.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let found = self.pairs.iter().filter(move |pair| &self.text[pair.name..pair.value] == name);
        found.map(|pair| &self.text[pair.value..pair.end]).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub fn one(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.optional(name)?.ok_or_else(|| OAuthError::Caller {
            code: ErrorCode::InvalidRequest,
            hint: Cow::Owned(format!("{name} is missing")),
        })
    }
}

impl Pair {
    fn read(encoded: &[u8], text: &mut Vec<u8>) -> Option<Self> {
        let at = encoded.iter().position(|byte| *byte == b'=').unwrap_or(encoded.len());
        let name = text.len();
        percent::decode_form(&encoded[..at], text)?;
        let value = text.len();
        percent::decode_form(encoded.get(at + 1..).unwrap_or_default(), text)?;
        Some(Self { name, value, end: text.len() })
    }
}

const fn malformed() -> OAuthError {
    OAuthError::invalid_request("the parameters are not form-encoded UTF-8")
}

/// Shows how many there are, never what they say: codes, tokens and secrets travel here.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameters({} pairs)", self.pairs.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_or_not_at_all() {
        let form = Parameters::parse(b"a=1&b=&c=x&c=y&d&e=1%3D2&&f=a%26b").expect("good");
        assert_eq!(form.one("a").expect("sent"), "1");
        assert_eq!(form.optional("b").expect("once"), None);
        assert_eq!(form.one("c").expect_err("repeated").to_string(), "invalid_request: c must not be repeated");
        assert_eq!(form.optional("d").expect("once"), None);
        assert_eq!(form.all("c").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(form.all("b").count() + form.all("g").count(), 0);
        assert_eq!(form.one("e").expect("sent"), "1=2");
        assert_eq!(form.one("f").expect("sent"), "a&b");
        assert_eq!(form.one("g").expect_err("missing").to_string(), "invalid_request: g is missing");
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert!(Parameters::parse(&vec![b'a'; 64 * 1024 + 1]).is_err());
        assert!(Parameters::parse("a=1&".repeat(201).as_bytes()).is_err());
        assert!(Parameters::parse("a=1&".repeat(200).as_bytes()).is_ok());
        // Two halves of one character in two places must not become one.
        assert!(Parameters::parse(b"a=%C3&%A9=b").is_err());
    }
}
