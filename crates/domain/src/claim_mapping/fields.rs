//! What lists of claim mappings can be filtered and ordered by.

use super::ClaimMapping;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a claim mapping in lists.
    pub ClaimMappingField {
        /// The claim that it makes.
        Claim = "claim": Kind::Text,
        /// The scope that it needs, if it needs one.
        Scope = "scope": Kind::TextOrNone,
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl ClaimMapping {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ClaimMappingField) -> Option<Value> {
        match field {
            ClaimMappingField::Claim => Some(Value::Text(self.claim.as_str().to_owned())),
            ClaimMappingField::Scope => self.scope.as_ref().map(|scope| Value::Text(scope.as_str().to_owned())),
            ClaimMappingField::CreateTime => Some(Value::Time(self.created_at)),
            ClaimMappingField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}
