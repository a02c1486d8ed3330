//! What lists of events and of audit keys can be filtered and ordered by.

use crate::query::{Kind, fields};

fields! {
    /// A field of an event in lists: each has an index. What is looked at are columns beside the text that the chain
    /// vouches for.
    pub AuditEventField {
        /// When it happened.
        EventTime = "event_time": Kind::Time,
        /// The id of whoever did it.
        Actor = "actor": Kind::Text,
        /// What was done.
        Action = "action": Kind::Text,
        /// The id of what it was done to, if to anything.
        Object = "object": Kind::TextOrNone,
    }
}

fields! {
    /// A field of an audit key in lists. They are few: they are all read at once.
    pub AuditKeyField {
        /// Whether this server made it.
        Genuine = "genuine": Kind::FLAG,
        /// When it was made.
        CreateTime = "create_time": Kind::Time,
    }
}
