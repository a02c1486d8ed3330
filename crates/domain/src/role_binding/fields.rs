//! What lists of role bindings can be filtered and ordered by.

use super::RoleBinding;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a role binding in lists: each has an index.
    pub RoleBindingField {
        /// Who has the role.
        Member = "member": Kind::Text,
        /// When it was given.
        CreateTime = "create_time": Kind::Time,
        /// When it ends, if it does.
        ExpireTime = "expire_time": Kind::TimeOrNone,
    }
}

impl RoleBinding {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: RoleBindingField) -> Option<Value> {
        match field {
            RoleBindingField::Member => Some(Value::Text(self.member.to_string())),
            RoleBindingField::CreateTime => Some(Value::Time(self.created_at)),
            RoleBindingField::ExpireTime => self.expires_at.map(Value::Time),
        }
    }
}
