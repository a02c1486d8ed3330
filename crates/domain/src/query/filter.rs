//! Which rows of a list.

use super::Value;

/// An expression over the fields of a row (AIP-160).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter<F> {
    /// All of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// A field stands so to a value.
    Test(Test<F>),
}

/// How a field stands to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test<F> {
    /// The field.
    pub field: F,
    /// How it stands to the value.
    pub relation: Relation,
    /// The value.
    pub value: Value,
}

/// The ways in which a field can stand to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `= "text*"`
    Begins,
}

impl<F: Copy> Filter<F> {
    /// Whether a row with these values is wanted. As in SQL, a field without a value is neither like nor unlike anything.
    pub fn admits(&self, value: &dyn Fn(F) -> Option<Value>) -> bool {
        self.holds(value) == Some(true)
    }

    fn holds(&self, value: &dyn Fn(F) -> Option<Value>) -> Option<bool> {
        match self {
            Self::All(parts) => fold(parts.iter().map(|part| part.holds(value)), false),
            Self::Any(parts) => fold(parts.iter().map(|part| part.holds(value)), true),
            Self::Not(part) => part.holds(value).map(|holds| !holds),
            Self::Test(test) => value(test.field).map(|found| test.relation.holds(&found, &test.value)),
        }
    }
}

/// What `deciding` is among the parts decides; else one that is unknown leaves it unknown.
fn fold(parts: impl Iterator<Item = Option<bool>>, deciding: bool) -> Option<bool> {
    let mut outcome = Some(!deciding);
    for part in parts {
        match part {
            Some(holds) if holds == deciding => return Some(deciding),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}

impl Relation {
    fn holds(self, found: &Value, wanted: &Value) -> bool {
        match self {
            Self::Equal => found == wanted,
            Self::Unequal => found != wanted,
            Self::Less => found < wanted,
            Self::AtMost => found <= wanted,
            Self::More => found > wanted,
            Self::AtLeast => found >= wanted,
            Self::Begins => match (found, wanted) {
                (Value::Text(found), Value::Text(wanted)) => found.starts_with(wanted.as_str()),
                (Value::Text(_) | Value::Time(_), _) => false,
            },
        }
    }
}
