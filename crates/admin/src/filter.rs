//! Filters of lists (AIP-160), over the fields that a noun's lists have an index for.
//!
//! Understood: `=`, `!=`, `<`, `<=`, `>`, `>=`; `=` with a value that ends in `*` for what begins so; `AND`, `OR`, `NOT` and
//! `-`, and parentheses. As the AIP has it, OR binds more tightly than AND, and parts side by side are joined by AND.

mod words;

#[cfg(test)]
mod tests;

use chancery_domain::query::{Field, Filter, Kind, Relation, Test, Value};

use self::words::{Word, words};
use crate::{span, status::Refusal};

/// The longest filter, in bytes.
const LONGEST: usize = 2048;
/// How deep parentheses and NOT may lie in each other.
const DEEPEST: u32 = 16;

/// Reads a filter; nothing is no filter.
pub(crate) fn read<F: Field>(sent: &str) -> Result<Option<Filter<F>>, Refusal> {
    if sent.len() > LONGEST {
        return Err(wrong(format!("must be at most {LONGEST} bytes long")));
    }
    let words = words(sent).map_err(wrong)?;
    if words.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader { words: &words, depth: 0 };
    let filter = reader.all()?;
    match reader.words.first() {
        None => Ok(Some(filter)),
        Some(word) => Err(wrong(format!("has {word} where it should have ended"))),
    }
}

fn wrong(rule: impl Into<String>) -> Refusal {
    Refusal::field("filter", rule)
}

/// What of the filter is still to be read.
struct Reader<'a> {
    words: &'a [Word],
    depth: u32,
}

impl Reader<'_> {
    /// Parts, joined by AND or by standing side by side.
    fn all<F: Field>(&mut self) -> Result<Filter<F>, Refusal> {
        let mut parts = vec![self.any()?];
        loop {
            match self.words.first() {
                Some(Word::And) => self.skip(),
                None | Some(Word::Close) => return Ok(one_or(parts, Filter::All)),
                Some(_) => {}
            }
            parts.push(self.any()?);
        }
    }

    /// Parts, joined by OR.
    fn any<F: Field>(&mut self) -> Result<Filter<F>, Refusal> {
        let mut parts = vec![self.part()?];
        while let Some(Word::Or) = self.words.first() {
            self.skip();
            parts.push(self.part()?);
        }
        Ok(one_or(parts, Filter::Any))
    }

    fn part<F: Field>(&mut self) -> Result<Filter<F>, Refusal> {
        match self.words {
            [Word::Not, rest @ ..] => {
                self.words = rest;
                let part = self.deeper(Self::part)?;
                Ok(Filter::Not(Box::new(part)))
            }
            [Word::Open, rest @ ..] => {
                self.words = rest;
                let inner = self.deeper(Self::all)?;
                let Some((Word::Close, rest)) = self.words.split_first() else {
                    return Err(wrong("has a ( without its )"));
                };
                self.words = rest;
                Ok(inner)
            }
            [Word::Text { text, .. }, Word::Relation(relation), value @ Word::Text { .. }, rest @ ..] => {
                self.words = rest;
                test(text, *relation, value).map(Filter::Test)
            }
            [word, ..] => Err(wrong(format!(
                "must be of comparisons such as create_time > \"2026-01-31T00:00:00Z\"; it has {word}"
            ))),
            [] => Err(wrong("ends where a comparison should follow")),
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if self.depth == DEEPEST {
            return Err(wrong(format!("must not be deeper than {DEEPEST} parentheses")));
        }
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }

    fn skip(&mut self) {
        self.words = self.words.split_first().map_or(self.words, |(_, rest)| rest);
    }
}

fn one_or<F>(mut parts: Vec<Filter<F>>, many: impl FnOnce(Vec<Filter<F>>) -> Filter<F>) -> Filter<F> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

/// The field of that name; the refusal tells those that there are.
pub(crate) fn field<F: Field>(path: &str, name: &str) -> Result<F, Refusal> {
    let found = F::ALL.iter().copied().find(|field| field.name() == name);
    found.ok_or_else(|| {
        let known: Vec<_> = F::ALL.iter().map(|field| field.name()).collect();
        Refusal::field(path, format!("knows no field {name:?}; the fields are {}", known.join(", ")))
    })
}

fn test<F: Field>(name: &str, relation: Relation, value: &Word) -> Result<Test<F>, Refusal> {
    let field: F = field("filter", name)?;
    let Word::Text { text, quoted } = value else { return Err(wrong("compares with something that is no value")) };
    let begins = relation == Relation::Equal && text.ends_with('*');
    let text = if begins { text.trim_end_matches('*') } else { text.as_str() };
    let begins = |value| {
        if begins { Test { field, relation: Relation::Begins, value } } else { Test { field, relation, value } }
    };
    match field.kind() {
        Kind::Text | Kind::TextOrNone => Ok(begins(Value::Text(text.to_owned()))),
        Kind::SmallText | Kind::SmallTextOrNone => Ok(begins(Value::Text(text.to_lowercase()))),
        Kind::Label(labels) => {
            let small = text.to_ascii_lowercase();
            let bare = small.strip_prefix(&format!("{name}_")).unwrap_or(&small);
            if !labels.contains(&bare) || !matches!(relation, Relation::Equal | Relation::Unequal) {
                return Err(wrong(format!("can compare {name} by = and != with one of {}", labels.join(", "))));
            }
            Ok(Test { field, relation, value: Value::Text(bare.to_owned()) })
        }
        Kind::Time | Kind::TimeOrNone => {
            let form = || wrong(format!("must have a moment such as \"2026-01-31T12:00:00Z\" for {name}, in quotes"));
            let sent: prost_types::Timestamp = text.parse().map_err(|_| form())?;
            if !quoted {
                return Err(form());
            }
            Ok(Test { field, relation, value: Value::Time(span::read("filter", sent)?) })
        }
    }
}
