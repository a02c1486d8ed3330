//! What lists of master keys can be filtered and ordered by. They are few.

use crate::query::{Kind, fields};

fields! {
    /// A field of a master key in lists.
    pub MasterKeyField {
        /// Whether this server has it.
        Configured = "configured": Kind::FLAG,
        /// Whether this server seals with it.
        Seals = "seals": Kind::FLAG,
        /// Whether anything may come under it.
        InUse = "in_use": Kind::FLAG,
    }
}
