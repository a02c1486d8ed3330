//! Writing JSON so that the same thing has the same bytes everywhere, and none of them does anything to whoever looks at
//! them: printable ASCII alone, without what markup is made of.

use std::fmt::Write;

/// One JSON object, member by member.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    /// A member that is text.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        quote(&mut self.0, value);
        self
    }

    /// A member that is text, where there is any.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    /// A member that is a number.
    pub(crate) fn number(&mut self, name: &str, value: u64) -> &mut Self {
        self.raw(name, &value.to_string())
    }

    /// A member that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.0.push_str(value);
        self
    }

    pub(crate) fn end(&mut self) -> String {
        self.0.push('}');
        std::mem::take(&mut self.0)
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
    }
}

fn quote(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '<' | '>' | '&' => escape(json, letter),
            ' '..='~' => json.push(letter),
            _ => escape(json, letter),
        }
    }
    json.push('"');
}

/// `\u` with four digits, twice for what UTF-16 has two units for (RFC 8259 section 7).
fn escape(json: &mut String, letter: char) {
    for unit in letter.encode_utf16(&mut [0; 2]) {
        // Writing to a string does not fail.
        let _ = write!(json, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t306_text_is_printable_ascii_and_comes_back_whole() {
        let hostile = "=HYPERLINK(\"x\") <script>&\u{1b}[31m\r\n\0\u{7f}\u{9b}\u{202e}\u{2028}ü😀\\";
        let json = Object::new().text("note", hostile).end();
        assert!(json.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{json}");
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(back["note"], hostile);
    }
}
