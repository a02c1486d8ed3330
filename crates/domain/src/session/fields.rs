//! What lists of sessions can be filtered and ordered by.

use super::Session;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a session in lists: each has an index.
    pub SessionField {
        /// When the person signed in.
        AuthenticateTime = "authenticate_time": Kind::Time,
        /// When it ends at the latest.
        ExpireTime = "expire_time": Kind::Time,
        /// When it was ended, if it was.
        EndTime = "end_time": Kind::TimeOrNone,
    }
}

impl Session {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: SessionField) -> Option<Value> {
        match field {
            SessionField::AuthenticateTime => Some(Value::Time(self.authenticated_at)),
            SessionField::ExpireTime => Some(Value::Time(self.expires_at)),
            SessionField::EndTime => self.ended_at.map(Value::Time),
        }
    }
}
