//! The percent-encoding of URLs and forms, read strictly and written so that every reader agrees.

use std::fmt::Write as _;

/// Decodes one name or value of `application/x-www-form-urlencoded` onto the end of `into`: `+` is a space. `None` when
/// an escape is broken, or the bytes are not UTF-8 or hold a NUL.
pub(crate) fn decode_form(encoded: &[u8], into: &mut Vec<u8>) -> Option<()> {
    let start = into.len();
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        into.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            plain => plain,
        });
    }
    let decoded = &into[start..];
    (std::str::from_utf8(decoded).is_ok() && !decoded.contains(&0)).then_some(())
}

/// Writes `text` onto the end of `into` with everything but the unreserved characters of RFC 3986 escaped. A space
/// becomes `%20`, which reads the same in a form and in a URL.
pub(crate) fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// `uri` with the parameters appended to its own query (RFC 6749 section 3.1.2: the query it has is kept).
pub(crate) fn with_query<'a>(uri: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    joined(uri, separator, parameters)
}

/// `uri`, which has no fragment, with the parameters as its fragment (OAuth 2.0 Multiple Response Types section 2.1).
pub(crate) fn with_fragment<'a>(uri: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    joined(uri, "#", parameters)
}

fn joined<'a>(
    uri: &str,
    mut separator: &'static str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut url = uri.to_owned();
    for (name, value) in parameters {
        url.push_str(separator);
        url.push_str(name);
        url.push('=');
        encode(value, &mut url);
        separator = "&";
    }
    url
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_of_its_own_is_kept() {
        let appended = |uri| with_query(uri, [("state", "a b&c"), ("iss", "https://id.example")]);
        assert_eq!(
            appended("https://a.example/cb"),
            "https://a.example/cb?state=a%20b%26c&iss=https%3A%2F%2Fid.example"
        );
        assert_eq!(
            appended("https://a.example/cb?"),
            "https://a.example/cb?state=a%20b%26c&iss=https%3A%2F%2Fid.example"
        );
        assert_eq!(
            appended("https://a.example/cb?x=1&y=2"),
            "https://a.example/cb?x=1&y=2&state=a%20b%26c&iss=https%3A%2F%2Fid.example"
        );
    }

    #[test]
    fn a_form_is_read_strictly() {
        let decode = |text: &str| {
            let mut into = Vec::new();
            decode_form(text.as_bytes(), &mut into).and_then(|()| String::from_utf8(into).ok())
        };
        assert_eq!(decode("a+b%20c%C3%BC").as_deref(), Some("a b cü"));
        for bad in ["%", "%2", "%zz", "%FF", "%C3", "%00", "a%2"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
