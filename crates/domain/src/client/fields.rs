//! What lists of clients can be filtered and ordered by.

use super::{Client, ClientSecret};
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a client in lists: each has an index.
    pub ClientField {
        /// What people see.
        DisplayName = "display_name": Kind::Text,
        /// What sort of application it is.
        Kind = "kind": Kind::Label(&["web", "native", "service"]),
        /// Whether it is served.
        State = "state": Kind::Label(&["enabled", "disabled"]),
        /// Whether an operator made it, or it registered itself.
        RegisteredBy = "registered_by": Kind::Label(&["operator", "self"]),
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl Client {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ClientField) -> Option<Value> {
        match field {
            ClientField::DisplayName => Some(Value::Text(self.display_name.clone())),
            ClientField::Kind => Some(Value::Text(self.kind.label().to_owned())),
            ClientField::State => Some(Value::Text(self.state().label().to_owned())),
            ClientField::RegisteredBy => Some(Value::Text(self.registered_by().to_owned())),
            ClientField::CreateTime => Some(Value::Time(self.created_at)),
            ClientField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}

fields! {
    /// A field of a client's secret in lists. A client has few secrets: they are all read at once.
    pub ClientSecretField {
        /// When it was made.
        CreateTime = "create_time": Kind::Time,
        /// When it stops working, if ever.
        ExpireTime = "expire_time": Kind::TimeOrNone,
        /// When it last proved its client, if it did.
        LastUseTime = "last_use_time": Kind::TimeOrNone,
    }
}

impl ClientSecret {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: ClientSecretField) -> Option<Value> {
        match field {
            ClientSecretField::CreateTime => Some(Value::Time(self.created_at)),
            ClientSecretField::ExpireTime => self.expires_at.map(Value::Time),
            ClientSecretField::LastUseTime => self.last_used_at.map(Value::Time),
        }
    }
}
