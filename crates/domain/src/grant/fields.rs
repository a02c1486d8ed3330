//! What lists of grants can be filtered and ordered by.

use super::Grant;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a grant in lists: each has an index.
    pub GrantField {
        /// When it was given.
        CreateTime = "create_time": Kind::Time,
        /// When it ends.
        ExpireTime = "expire_time": Kind::Time,
        /// When it was taken back, if it was.
        RevokeTime = "revoke_time": Kind::TimeOrNone,
    }
}

impl Grant {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: GrantField) -> Option<Value> {
        match field {
            GrantField::CreateTime => Some(Value::Time(self.created_at)),
            GrantField::ExpireTime => Some(Value::Time(self.expires_at)),
            GrantField::RevokeTime => self.revoked.map(|(at, _)| at).map(Value::Time),
        }
    }
}
