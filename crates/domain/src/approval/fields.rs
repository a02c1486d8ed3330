//! What lists of approvals can be filtered and ordered by.

use super::Approval;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of an approval in lists.
    pub ApprovalField {
        /// The call that waits.
        Method = "method": Kind::Text,
        /// The permission that the call asks for.
        Permission = "permission": Kind::Text,
        /// Who asked for it.
        Requester = "requester": Kind::Text,
        /// Where it stands.
        State = "state": Kind::Label(&["pending", "approved", "rejected", "spent"]),
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it ends.
        ExpireTime = "expire_time": Kind::Time,
    }
}

impl Approval {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ApprovalField) -> Option<Value> {
        match field {
            ApprovalField::Method => Some(Value::Text(self.method.clone())),
            ApprovalField::Permission => Some(Value::Text(self.permission.code().to_owned())),
            ApprovalField::Requester => Some(Value::Text(self.asked_by.to_string())),
            ApprovalField::State => Some(Value::Text(self.state().label().to_owned())),
            ApprovalField::CreateTime => Some(Value::Time(self.created_at)),
            ApprovalField::ExpireTime => Some(Value::Time(self.expires_at)),
        }
    }
}
