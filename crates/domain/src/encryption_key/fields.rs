//! What lists of encryption keys can be filtered and ordered by.

use super::{EncryptionKey, EncryptionKeyState};
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of an encryption key in lists.
    pub EncryptionKeyField {
        /// Where it is in its life.
        State = "state": Kind::Label(&EncryptionKeyState::LABELS),
        /// When it was made.
        CreateTime = "create_time": Kind::Time,
    }
}

impl EncryptionKey {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: EncryptionKeyField) -> Option<Value> {
        match field {
            EncryptionKeyField::State => Some(Value::Text(self.state().label().to_owned())),
            EncryptionKeyField::CreateTime => Some(Value::Time(self.created_at)),
        }
    }
}
