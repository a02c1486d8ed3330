//! Distinguished names: as text (RFC 4514) and as what they say (RFC 5280 section 4.1.2.4), which is what is compared.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::fault::Malformed;

/// A distinguished name. Two are the same when they say the same in the same order, however they are spelt: every character
/// of a value counts, small letters are not capitals, and where a value ends nobody but the DER or the escapes say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DistinguishedName {
    text: String,
    rdns: Vec<Rdn>,
}

/// A relative distinguished name: one or more attributes, in no order, each as its type's object identifier and its value.
pub type Rdn = BTreeSet<(String, NameValue)>;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameValue {
    /// Text, whatever string type of ASN.1 it is of.
    Text(String),
    /// Something else: its tag and its content in DER.
    Other(u32, Vec<u8>),
}

impl NameValue {
    /// A value in DER. Strings of the types whose characters everybody reads alike are text.
    #[must_use]
    pub fn of_der(tag: u32, content: &[u8]) -> Self {
        let text = match tag {
            // UTF8String, NumericString, PrintableString, IA5String, VisibleString
            12 => String::from_utf8(content.to_vec()).ok(),
            18 | 19 | 22 | 26 => content.is_ascii().then(|| String::from_utf8_lossy(content).into_owned()),
            // BMPString
            30 if content.len().is_multiple_of(2) => {
                let units = content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                char::decode_utf16(units).collect::<Result<_, _>>().ok()
            }
            _ => None,
        };
        text.map_or_else(|| Self::Other(tag, content.to_vec()), Self::Text)
    }
}

impl DistinguishedName {
    /// A longer one is refused, in bytes.
    pub const LONGEST: usize = 1024;

    /// The name that a certificate holds, in the order of the certificate.
    #[must_use]
    pub const fn of_certificate(rdns: Vec<Rdn>) -> Self {
        Self { text: String::new(), rdns }
    }

    /// Whether it says nothing, as the subject of a certificate may that is known by its alternative names.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.rdns == other.rdns
    }
}

impl Eq for DistinguishedName {}

impl fmt::Display for DistinguishedName {
    /// The text that was registered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for DistinguishedName {
    type Err = Malformed;

    /// Reads the text of RFC 4514: the last part of the name comes first. A space may follow what separates two parts.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        const RULE: &str = "must be a distinguished name as RFC 4514 writes it, such as CN=billing,O=Example Inc,C=AT";
        let read = || {
            let mut rest = Text(text.chars().peekable());
            let mut rdns = Vec::new();
            loop {
                let mut rdn = Rdn::new();
                let more = loop {
                    let (attribute, end) = rest.attribute()?;
                    // Two values of one attribute stand beside each other, never the same one twice.
                    if !rdn.insert(attribute) {
                        return None;
                    }
                    match end {
                        Some('+') => {}
                        Some(_) => break true,
                        None => break false,
                    }
                };
                rdns.push(rdn);
                if !more {
                    rdns.reverse();
                    return Some(rdns);
                }
            }
        };
        let rdns = if text.len() > Self::LONGEST { None } else { read() };
        let rdns = rdns.ok_or(Malformed::new("tls_client_auth_subject_dn", RULE))?;
        Ok(Self { text: text.to_owned(), rdns })
    }
}

impl TryFrom<String> for DistinguishedName {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<DistinguishedName> for String {
    fn from(name: DistinguishedName) -> Self {
        name.text
    }
}

/// What of the text is not read yet.
struct Text<'a>(std::iter::Peekable<std::str::Chars<'a>>);

impl Text<'_> {
    /// The next attribute, and what ended it.
    fn attribute(&mut self) -> Option<((String, NameValue), Option<char>)> {
        let mut kind = String::new();
        loop {
            match self.0.next()? {
                '=' => break,
                ' ' if kind.is_empty() => {}
                next => kind.push(next),
            }
        }
        let kind = oid(&kind)?;
        if self.0.peek() == Some(&'#') {
            self.0.next();
            let (hex, end) = self.plain()?;
            return Some(((kind, der(&hex)?), end));
        }
        let (value, end) = self.plain()?;
        Some(((kind, NameValue::Text(value)), end))
    }

    /// A value with its escapes undone, and what ended it.
    fn plain(&mut self) -> Option<(String, Option<char>)> {
        let mut bytes = Vec::new();
        let mut last_is_bare_space = false;
        let end = loop {
            let Some(next) = self.0.next() else { break None };
            last_is_bare_space = false;
            match next {
                ',' | '+' => break Some(next),
                '"' | ';' | '<' | '>' | '\0' => return None,
                ' ' if bytes.is_empty() => return None,
                '\\' => bytes.extend(self.escaped()?.as_bytes_of_char()),
                _ => {
                    last_is_bare_space = next == ' ';
                    bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
                }
            }
            if last_is_bare_space && matches!(self.0.peek(), None | Some(',' | '+')) {
                return None;
            }
        };
        let value = String::from_utf8(bytes).ok().filter(|value| !value.is_empty() && !last_is_bare_space)?;
        Some((value, end))
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<Escaped> {
        let first = self.0.next()?;
        if matches!(first, ' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\') {
            return Some(Escaped::Char(first));
        }
        let digits = [first, self.0.next()?];
        let [high, low] = digits.map(|digit| digit.to_digit(16));
        u8::try_from(high? * 16 + low?).ok().map(Escaped::Byte)
    }
}

enum Escaped {
    Char(char),
    Byte(u8),
}

impl Escaped {
    fn as_bytes_of_char(&self) -> Vec<u8> {
        match self {
            Self::Char(char) => char.to_string().into_bytes(),
            Self::Byte(byte) => vec![*byte],
        }
    }
}

/// A value in hexadecimal: one element of DER and nothing behind it.
fn der(hex: &str) -> Option<NameValue> {
    if !hex.is_ascii() || hex.len() % 2 == 1 {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes = (0..hex.len()).step_by(2).map(pair).collect::<Option<Vec<_>>>()?;
    let (&tag, &length, content) = (bytes.first()?, bytes.get(1)?, bytes.get(2..)?);
    let whole = length < 0x80 && usize::from(length) == content.len() && tag & 0x1F != 0x1F;
    whole.then(|| NameValue::of_der(u32::from(tag & 0x1F), content))
}

/// The object identifiers behind the short names of RFC 4514 section 3, and behind those that authorities use besides.
const NAMES: [(&str, &str); 18] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("TITLE", "2.5.4.12"),
    ("BUSINESSCATEGORY", "2.5.4.15"),
    ("POSTALCODE", "2.5.4.17"),
    ("GN", "2.5.4.42"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
    ("JURISDICTIONC", "1.3.6.1.4.1.311.60.2.1.3"),
];

/// The object identifier of an attribute's type, which may be written as such.
fn oid(kind: &str) -> Option<String> {
    if let Some((_, oid)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)) {
        return Some((*oid).to_owned());
    }
    let number =
        |arc: &str| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'));
    (kind.contains('.') && kind.split('.').all(number)).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests;
