//! What lists of trusted issuers can be filtered and ordered by.

use super::TrustedIssuer;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of a trusted issuer in lists.
    pub TrustedIssuerField {
        /// What its assertions say in `iss`.
        Issuer = "issuer": Kind::Text,
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it was last changed.
        UpdateTime = "update_time": Kind::Time,
    }
}

impl TrustedIssuer {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: TrustedIssuerField) -> Option<Value> {
        match field {
            TrustedIssuerField::Issuer => Some(Value::Text(self.issuer.as_str().to_owned())),
            TrustedIssuerField::CreateTime => Some(Value::Time(self.created_at)),
            TrustedIssuerField::UpdateTime => Some(Value::Time(self.updated_at)),
        }
    }
}
