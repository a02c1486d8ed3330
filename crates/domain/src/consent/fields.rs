//! What lists of consents can be filtered and ordered by.

use super::Consent;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a consent in lists: each has an index.
    pub ConsentField {
        /// When it was last given or widened.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl Consent {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ConsentField) -> Option<Value> {
        match field {
            ConsentField::UpdateTime => Some(Value::Time(self.granted_at)),
        }
    }
}
