//! What lists of users can be filtered and ordered by.

use super::User;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a user in lists: each has an index.
    pub UserField {
        /// The name they sign in with.
        Username = "username": Kind::SmallText,
        /// Their address; not everybody has one.
        Email = "email": Kind::SmallTextOrNone,
        /// Whether they are let in.
        State = "state": Kind::Label(&["enabled", "disabled"]),
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl User {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: UserField) -> Option<Value> {
        match field {
            UserField::Username => Some(Value::Text(self.username.as_str().to_owned())),
            UserField::Email => self.email.as_ref().map(|email| Value::Text(email.as_str().to_owned())),
            UserField::State => Some(Value::Text(self.state().label().to_owned())),
            UserField::CreateTime => Some(Value::Time(self.created_at)),
            UserField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}
