//! What lists of scopes can be filtered and ordered by.

use super::{BuiltInScope, Scope};
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a scope in lists. Those that every tenant has were made at no time.
    pub ScopeField {
        /// What clients ask for.
        Value = "value": Kind::Text,
        /// Whether every tenant has it.
        BuiltIn = "built_in": Kind::FLAG,
        /// When it was created.
        CreateTime = "create_time": Kind::TimeOrNone,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::TimeOrNone,
    }
}

/// A scope of a list.
#[derive(Clone, Copy, Debug)]
pub enum ListedScope<'a> {
    /// One that every tenant has.
    BuiltIn(&'a BuiltInScope),
    /// One of the tenant's own.
    Own(&'a Scope),
}

impl ListedScope<'_> {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ScopeField) -> Option<Value> {
        let own = match self {
            Self::BuiltIn(_) => None,
            Self::Own(scope) => Some(scope),
        };
        match (field, self) {
            (ScopeField::Value, Self::BuiltIn(scope)) => Some(Value::Text(scope.value.to_owned())),
            (ScopeField::Value, Self::Own(scope)) => Some(Value::Text(scope.value.as_str().to_owned())),
            (ScopeField::BuiltIn, _) => Some(Value::flag(own.is_none())),
            (ScopeField::CreateTime, _) => own.map(|scope| Value::Time(scope.created_at)),
            (ScopeField::UpdateTime, _) => own.map(|scope| Value::Time(scope.updated_at)),
        }
    }

    /// Where it stands in lists that are in no other order: those that every tenant has come first.
    #[must_use]
    pub fn position(&self) -> String {
        match self {
            Self::BuiltIn(scope) => format!("0{}", scope.value),
            Self::Own(scope) => format!("1{}", scope.slug),
        }
    }
}
