//! What lists of keys can be filtered and ordered by. A tenant has few keys: they are all read at once.

use super::Key;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a key in lists.
    pub KeyField {
        /// What it signs with.
        Algorithm = "algorithm": Kind::Text,
        /// Where it stands in its life.
        State = "state": Kind::Label(&[
            "generated", "standby", "active", "retiring", "retired", "purged", "tainted", "compromised",
        ]),
        /// When it was made.
        CreateTime = "create_time": Kind::Time,
    }
}

impl Key {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: KeyField) -> Option<Value> {
        match field {
            KeyField::Algorithm => Some(Value::Text(self.algorithm.to_string())),
            KeyField::State => Some(Value::Text(self.state().label().to_owned())),
            KeyField::CreateTime => Some(Value::Time(self.created_at)),
        }
    }
}
