//! What lists of tenants can be filtered and ordered by.

use super::Tenant;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a tenant in lists: each has an index.
    pub TenantField {
        /// What people call it.
        DisplayName = "display_name": Kind::Text,
        /// Its profile.
        Profile = "profile": Kind::Label(&["oauth21", "oidc"]),
        /// Whether it is served.
        State = "state": Kind::Label(&["active", "suspended", "deleted"]),
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl Tenant {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: TenantField) -> Option<Value> {
        match field {
            TenantField::DisplayName => Some(Value::Text(self.display_name.clone())),
            TenantField::Profile => Some(Value::Text(self.profile.label().to_owned())),
            TenantField::State => Some(Value::Text(self.state().label().to_owned())),
            TenantField::CreateTime => Some(Value::Time(self.created_at)),
            TenantField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}
