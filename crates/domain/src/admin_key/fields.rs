//! What lists of API keys can be filtered and ordered by.

use super::AdminKey;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of an API key in lists: each has an index.
    pub AdminKeyField {
        /// What it is for.
        DisplayName = "display_name": Kind::Text,
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it ends.
        ExpireTime = "expire_time": Kind::Time,
    }
}

impl AdminKey {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: AdminKeyField) -> Option<Value> {
        match field {
            AdminKeyField::DisplayName => Some(Value::Text(self.display_name.clone())),
            AdminKeyField::CreateTime => Some(Value::Time(self.created_at)),
            AdminKeyField::ExpireTime => Some(Value::Time(self.expires_at)),
        }
    }
}
