//! What lists of initial access tokens can be filtered and ordered by.

use super::InitialAccessToken;
use crate::query::{Kind, Value, fields};

fields! {
    /// A field of an initial access token in lists.
    pub InitialAccessTokenField {
        /// What it is for.
        DisplayName = "display_name": Kind::Text,
        /// When it was created.
        CreateTime = "create_time": Kind::Time,
        /// When it is over.
        ExpireTime = "expire_time": Kind::Time,
    }
}

impl InitialAccessToken {
    /// The value of a field in lists.
    #[must_use]
    pub fn field(&self, field: InitialAccessTokenField) -> Option<Value> {
        match field {
            InitialAccessTokenField::DisplayName => Some(Value::Text(self.display_name.clone())),
            InitialAccessTokenField::CreateTime => Some(Value::Time(self.created_at)),
            InitialAccessTokenField::ExpireTime => Some(Value::Time(self.expires_at)),
        }
    }
}
