//! The applied document in memory.

use async_trait::async_trait;
use chancery_domain::{
    applied_document::AppliedDocument,
    fault::{Fault, WriteError},
    ports::applied_documents::{AppliedDocumentReads, AppliedDocuments},
    version::Version,
};

use super::super::Fenced;

#[async_trait]
impl AppliedDocumentReads for Fenced {
    async fn last(&self) -> Result<Option<AppliedDocument>, Fault> {
        self.nouns(|rows| rows.applied_document.clone())
    }
}

#[async_trait]
impl AppliedDocuments for Fenced {
    async fn put(&self, document: &AppliedDocument, read: Option<Version>) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            if rows.applied_document.as_ref().map(|there| there.version) != read {
                return Err(WriteError::Stale);
            }
            let version = read.map_or(Version::FIRST, Version::next);
            rows.applied_document = Some(AppliedDocument { version, ..document.clone() });
            Ok(version)
        })?
    }
}
