//! A document in words: what stands in files, between the messages of the contract and the text.

use std::fmt::Write;

use serde_json::{Map, Value as Json};

/// A value as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// Nothing, where that is something: in a claim's JSON.
    Null,
    /// A text; enums and durations are texts too.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A number, as it is written.
    Number(String),
    /// A list.
    List(List),
    /// Fields, in the order of the contract.
    Map(Vec<(String, Self)>),
}

/// The entries of a list.
#[derive(Clone, Debug, Eq)]
pub(super) struct List {
    /// The entries.
    pub(super) entries: Vec<Tree>,
    /// Whether the contract gives their order a meaning.
    pub(super) is_ordered: bool,
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        if self.is_ordered || other.is_ordered {
            return self.entries == other.entries;
        }
        let holds = |one: &Self, other: &Self| other.entries.iter().all(|entry| one.entries.contains(entry));
        self.entries.len() == other.entries.len() && holds(self, other) && holds(other, self)
    }
}

impl Tree {
    /// The value of a field.
    pub(super) fn get(&self, field: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields.iter().find(|(name, _)| name == field).map(|(_, value)| value),
            Self::Null | Self::Text(_) | Self::Flag(_) | Self::Number(_) | Self::List(_) => None,
        }
    }

    /// What a thing in a list is known by.
    pub(super) fn name(&self) -> Option<&str> {
        match self.get("name")? {
            Self::Text(name) => Some(name),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// On one line, where it is no list and has no fields.
    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Self::Null => Some("null".to_owned()),
            Self::Text(text) => Some(quoted(text)),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(number.clone()),
            Self::List(list) if list.entries.is_empty() => Some("[]".to_owned()),
            Self::Map(fields) if fields.is_empty() => Some("{}".to_owned()),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// As JSON.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => text.clone().into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| number.clone().into()),
            Self::List(list) => list.entries.iter().map(Self::to_json).collect(),
            Self::Map(fields) => {
                Json::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>())
            }
        }
    }

    /// As YAML, each line behind so many spaces.
    pub(super) fn to_yaml(&self, indent: usize) -> String {
        let mut text = String::new();
        self.write(indent, &mut text);
        text
    }

    /// As YAML on one line, lists and fields in brackets.
    pub(super) fn to_flow(&self) -> String {
        // In brackets a comma would end a plain text.
        let word = |text: &str| if text.contains([',', '[', ']', '{', '}']) { json(text) } else { quoted(text) };
        let field = |(name, value): &(String, Self)| format!("{}: {}", word(name), value.to_flow());
        match self {
            Self::List(list) => format!("[{}]", joined(list.entries.iter().map(Self::to_flow))),
            Self::Map(fields) => format!("{{{}}}", joined(fields.iter().map(field))),
            Self::Text(text) => word(text),
            Self::Null | Self::Flag(_) | Self::Number(_) => self.scalar().unwrap_or_default(),
        }
    }

    fn write(&self, indent: usize, text: &mut String) {
        match self {
            Self::Map(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    text.push_str(&field(name, value, indent));
                }
            }
            Self::List(list) if !list.entries.is_empty() => {
                list.entries.iter().for_each(|one| text.push_str(&item(one, indent)));
            }
            Self::Map(_) | Self::List(_) | Self::Null | Self::Text(_) | Self::Flag(_) | Self::Number(_) => {
                let line = self.scalar().unwrap_or_default();
                text.extend([&" ".repeat(indent), line.as_str(), "\n"]);
            }
        }
    }
}

/// A field with its value, in lines that begin behind so many spaces.
pub(super) fn field(name: &str, value: &Tree, indent: usize) -> String {
    // Not every name is the contract's: in a claim's JSON it can be any text.
    let name = quoted(name);
    match value.scalar() {
        Some(scalar) => format!("{:indent$}{name}: {scalar}\n", ""),
        None => format!("{:indent$}{name}:\n{}", "", value.to_yaml(indent + 2)),
    }
}

/// An entry of a list, in lines that begin behind so many spaces.
pub(super) fn item(value: &Tree, indent: usize) -> String {
    let inner = value.to_yaml(indent + 2);
    format!("{:indent$}- {}", "", &inner[(indent + 2).min(inner.len())..])
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// A text as YAML reads it back: plain where nothing in it could be taken for something else.
fn quoted(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@+- ,()'%?=&~".contains(&b);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/' || first == '_');
    let is_span = text.len() > 1
        && text.ends_with(['s', 'm', 'h', 'd'])
        && text[..text.len() - 1].bytes().all(|b| b.is_ascii_digit());
    let safe = (begins || is_span)
        && text.bytes().all(plain)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if safe { text.to_owned() } else { json(text) }
}

/// A text of JSON is one of YAML. Of what JSON leaves as it is, nothing can be taken for the end of a line, or do anything
/// to a terminal.
fn json(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    for letter in Json::from(text).to_string().chars() {
        if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') {
            // Writing to a string does not fail.
            let _ = write!(json, "\\u{:04x}", u32::from(letter));
        } else {
            json.push(letter);
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Tree {
        Tree::Text(text.to_owned())
    }

    fn list(is_ordered: bool, entries: &[Tree]) -> Tree {
        Tree::List(List { entries: entries.to_vec(), is_ordered })
    }

    #[test]
    fn what_could_be_taken_for_something_else_is_quoted() {
        for (given, expected) in [
            ("acme", "acme"),
            ("10m", "10m"),
            ("https://a.example/cb?x=1", "https://a.example/cb?x=1"),
            ("Read your reports", "Read your reports"),
            ("true", "\"true\""),
            ("No", "\"No\""),
            ("", "\"\""),
            ("1.5", "\"1.5\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("*star", "\"*star\""),
            ("Größe", "\"Größe\""),
            ("line\nbreak", "\"line\\nbreak\""),
            ("\u{9b}2J\u{2028}", "\"\\u009b2J\\u2028\""),
        ] {
            assert_eq!(quoted(given), expected);
        }
    }

    #[test]
    fn lists_and_fields_are_lines() {
        let web = Tree::Map(vec![
            ("name".into(), text("web")),
            ("redirect_uris".into(), list(false, &[text("https://a.example")])),
            ("skip_consent".into(), Tree::Flag(true)),
        ]);
        let document = Tree::Map(vec![("clients".into(), list(false, &[web])), ("scopes".into(), list(false, &[]))]);
        let expected = "\
clients:
  - name: web
    redirect_uris:
      - https://a.example
    skip_consent: true
scopes: []
";
        assert_eq!(document.to_yaml(0), expected);
    }

    #[test]
    fn only_an_order_that_means_something_is_compared() {
        let (one, other) = ([text("a"), text("b"), text("b")], [text("b"), text("a"), text("b")]);
        assert_eq!(list(false, &one), list(false, &other));
        assert_ne!(list(true, &one), list(true, &other));
        assert_ne!(list(false, &one), list(false, &[text("a"), text("b"), text("c")]));
        assert_ne!(list(false, &one[..2]), list(false, &one));
    }
}
