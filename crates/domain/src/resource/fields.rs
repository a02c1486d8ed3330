//! What lists of resources can be filtered and ordered by.

use super::Resource;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a resource in lists.
    pub ResourceField {
        /// Its URI.
        Identifier = "identifier": Kind::Text,
        /// What people see.
        DisplayName = "display_name": Kind::Text,
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl Resource {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ResourceField) -> Option<Value> {
        match field {
            ResourceField::Identifier => Some(Value::Text(self.identifier.as_str().to_owned())),
            ResourceField::DisplayName => Some(Value::Text(self.display_name.clone())),
            ResourceField::CreateTime => Some(Value::Time(self.created_at)),
            ResourceField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}
