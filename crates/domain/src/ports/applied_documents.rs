//! The store of the document that was last applied to a tenant.

use async_trait::async_trait;

use crate::{
    applied_document::AppliedDocument,
    fault::{Fault, WriteError},
    version::Version,
};

/// Reads of the applied document.
#[async_trait]
pub trait AppliedDocumentReads: Send + Sync {
    /// The one that was applied last, if any was.
    async fn last(&self) -> Result<Option<AppliedDocument>, Fault>;
}

/// Writes of the applied document.
#[async_trait]
pub trait AppliedDocuments: AppliedDocumentReads {
    /// This one in place of the version that was read, or the first where there was none; its own version is not looked
    /// at. `Stale` when somebody else has applied one in the meantime. Gives the new version.
    async fn put(&self, document: &AppliedDocument, read: Option<Version>) -> Result<Version, WriteError>;
}
