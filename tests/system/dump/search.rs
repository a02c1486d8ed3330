//! Looks for secrets in bytes, in every form that a database or a program would give them.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD, engine::general_purpose::URL_SAFE_NO_PAD};

/// Fewer bytes than these stand anywhere by chance.
const SHORTEST: usize = 8;

/// A secret and the forms that it could have.
pub(super) struct Secret {
    name: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    /// Bytes: as they are, backwards, in hexadecimal, and in base64 at each of the three places within a longer text.
    pub(super) fn bytes(name: &str, bytes: &[u8]) -> Self {
        let hex = hex(bytes);
        let mut forms = vec![
            ("raw", bytes.to_vec()),
            ("backwards", bytes.iter().rev().copied().collect()),
            ("hex", hex.to_uppercase().into_bytes()),
            ("hex", hex.into_bytes()),
        ];
        for place in 0..3 {
            // What stands before shifts the letters; those at the ends are shared with the neighbours.
            let shifted = [&vec![0; place][..], bytes].concat();
            for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
                let inner = text.as_bytes()[2 * usize::from(place > 0) + place.saturating_sub(1)..].to_vec();
                forms.push(("base64", inner[..inner.len() - 2].to_vec()));
            }
        }
        Self { name: name.to_owned(), forms }
    }

    /// A text, and the bytes that it stands for: of its whole and of what follows each `_`, which ends the name of a kind
    /// and is a letter of base64url too.
    pub(super) fn text(name: &str, text: &str) -> Self {
        let mut secret = Self::bytes(name, text.as_bytes());
        let ends = text.match_indices('_').map(|(at, _)| &text[at + 1..]);
        let decoded = std::iter::once(text).chain(ends).filter_map(|body| URL_SAFE_NO_PAD.decode(body).ok());
        for bytes in decoded.filter(|bytes| bytes.len() >= SHORTEST) {
            secret.forms.extend(Self::bytes(name, &bytes).forms);
        }
        secret
    }
}

/// The names and forms of those that are there.
pub(super) fn find(dump: &[u8], secrets: &[Secret]) -> Vec<String> {
    let mut found = Vec::new();
    for Secret { name, forms } in secrets {
        for (form, needle) in forms.iter().filter(|(_, needle)| needle.len() >= SHORTEST) {
            if holds(dump, needle) {
                found.push(format!("{name}, {form}"));
            }
        }
    }
    found
}

fn holds(dump: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut from = dump;
    while let Some(at) = from.iter().position(|byte| byte == first) {
        from = &from[at + 1..];
        if from.starts_with(rest) {
            return true;
        }
    }
    false
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// That each form is found where it is, between others.
pub(super) fn proves_itself() {
    let bytes: Vec<u8> = (0..32_u8).map(|byte| byte.wrapping_mul(151) ^ 0x5A).collect();
    let secret = [Secret::bytes("the secret", &bytes)];
    for before in 0..5 {
        let longer = [&vec![0xEE; before][..], &bytes, &[0xEE; 5]].concat();
        let hex = hex(&longer);
        for text in [URL_SAFE_NO_PAD.encode(&longer), STANDARD_NO_PAD.encode(&longer), hex.to_uppercase(), hex] {
            assert!(!find(text.as_bytes(), &secret).is_empty(), "{before} bytes before: {text}");
        }
        assert!(!find(&longer, &secret).is_empty());
    }
    assert!(find(&[0xEE; 4096], &secret).is_empty());
    // A token's last letters may be `_` too.
    for end in ["", "_", "__", "_A", "_AA", "A_"] {
        let body = format!("{}{end}", URL_SAFE_NO_PAD.encode(&bytes[..30]));
        let token = [Secret::text("a token", &format!("ch_rt_{body}"))];
        let Ok(plain) = URL_SAFE_NO_PAD.decode(&body) else { continue };
        assert!(!find(&plain, &token).is_empty(), "{body}");
    }
}
