//! What lists of token secrets can be filtered and ordered by.

use super::TokenSecret;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a token secret in lists.
    pub TokenSecretField {
        /// Where it is in its life.
        State = "state": Kind::Label(&["waiting", "active", "retired"]),
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
    }
}

impl TokenSecret {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: TokenSecretField) -> Option<Value> {
        match field {
            TokenSecretField::State => Some(Value::Text(self.state().label().to_owned())),
            TokenSecretField::CreateTime => Some(Value::Time(self.created_at)),
        }
    }
}
