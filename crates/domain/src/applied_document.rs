//! The document that was last applied to a tenant, so that what changed since by hand can be told.

use crate::{time::Timestamp, version::Version};

/// An applied document as stored. It holds no secrets: documents have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedDocument {
    /// Everything that documents tell of the tenant as it was right after, in the encoding of the door that applied it.
    pub document: Vec<u8>,
    /// Who applied it: the kind of caller and its id.
    pub applied_by: String,
    /// When.
    pub applied_at: Timestamp,
    /// Counts the documents that were applied to the tenant.
    pub version: Version,
}
