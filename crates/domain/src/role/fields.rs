//! What lists of roles can be filtered and ordered by.

use super::{BuiltInRole, Role};
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a role in lists. The built-in ones were made at no time.
    pub RoleField {
        /// What people call it.
        DisplayName = "display_name": Kind::Text,
        /// Whether every deployment has it.
        BuiltIn = "built_in": Kind::FLAG,
        /// When it was created.
        CreateTime = "create_time": Kind::TimeOrNone,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::TimeOrNone,
    }
}

/// A role of a list.
#[derive(Clone, Copy, Debug)]
pub enum ListedRole<'a> {
    /// One that every deployment has.
    BuiltIn(BuiltInRole),
    /// One of the tenant's own.
    Own(&'a Role),
}

impl ListedRole<'_> {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: RoleField) -> Option<Value> {
        let own = match self {
            Self::BuiltIn(_) => None,
            Self::Own(role) => Some(role),
        };
        match (field, self) {
            (RoleField::DisplayName, Self::BuiltIn(role)) => Some(Value::Text(role.description().to_owned())),
            (RoleField::DisplayName, Self::Own(role)) => Some(Value::Text(role.display_name.clone())),
            (RoleField::BuiltIn, _) => Some(Value::flag(own.is_none())),
            (RoleField::CreateTime, _) => own.map(|role| Value::Time(role.created_at)),
            (RoleField::UpdateTime, _) => own.map(|role| Value::Time(role.updated_at)),
        }
    }

    /// Where it stands in lists that are in no other order: the built-in ones come first.
    #[must_use]
    pub fn position(&self) -> String {
        match self {
            Self::BuiltIn(role) => format!("0{role}"),
            Self::Own(role) => format!("1{}", role.slug),
        }
    }
}
