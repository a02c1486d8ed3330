//! The words of a filter.

use std::fmt;

use chancery_domain::query::Relation;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name or a value.
    Text {
        /// What it says.
        text: String,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// How a name stands to a value.
    Relation(Relation),
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`, or `-` before a part.
    Not,
    /// `(`
    Open,
    /// `)`
    Close,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text, .. } => write!(f, "{text:?}"),
            Self::Relation(_) => f.write_str("a comparison without its two sides"),
            Self::And => f.write_str("AND"),
            Self::Or => f.write_str("OR"),
            Self::Not => f.write_str("NOT"),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
        }
    }
}

/// Takes a filter apart; the error is the rule that it breaks.
pub(super) fn words(sent: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = sent;
    while let Some(first) = rest.chars().next() {
        let word = match first {
            c if c.is_ascii_whitespace() => {
                rest = rest.trim_ascii_start();
                continue;
            }
            '(' => take(&mut rest, 1, Word::Open),
            ')' => take(&mut rest, 1, Word::Close),
            '"' | '\'' => quoted(&mut rest, first)?,
            '=' | '!' | '<' | '>' => relation(&mut rest)?,
            '-' => take(&mut rest, 1, Word::Not),
            _ => bare(&mut rest)?,
        };
        words.push(word);
    }
    Ok(words)
}

fn take(rest: &mut &str, bytes: usize, word: Word) -> Word {
    *rest = &rest[bytes..];
    word
}

fn relation(rest: &mut &str) -> Result<Word, String> {
    const RELATIONS: [(&str, Relation); 6] = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("!=", Relation::Unequal),
        ("=", Relation::Equal),
        ("<", Relation::Less),
        (">", Relation::More),
    ];
    let found = RELATIONS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, relation) = found.ok_or("has a ! that is not the beginning of !=")?;
    Ok(take(rest, sign.len(), Word::Relation(*relation)))
}

/// Text in quotes; a backslash before a quote or a backslash stands for that itself.
fn quoted(rest: &mut &str, quote: char) -> Result<Word, String> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(take(rest, at + c.len_utf8(), Word::Text { text, quoted: true })),
            '\\' => match chars.next() {
                Some((_, escaped)) if escaped == quote || escaped == '\\' => text.push(escaped),
                Some(_) | None => {
                    return Err("has a backslash before something else than a quote or a backslash".into());
                }
            },
            c if c.is_control() => return Err("must hold no control characters".into()),
            c => text.push(c),
        }
    }
    Err("has a quote without its end".into())
}

fn bare(rest: &mut &str) -> Result<Word, String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*' | '@' | '-' | '+');
    let end = rest.find(|c| !legal(c)).unwrap_or(rest.len());
    let text = &rest[..end];
    let word = match text {
        "" => return Err("must have values with such characters in quotes".into()),
        "AND" => Word::And,
        "OR" => Word::Or,
        "NOT" => Word::Not,
        text => Word::Text { text: text.to_owned(), quoted: false },
    };
    *rest = &rest[end..];
    Ok(word)
}
