//! The document that was last applied to a tenant: one row at most, whose version is what appliers compete for.

use async_trait::async_trait;
use chancery_domain::{
    applied_document::AppliedDocument,
    change::Noun,
    fault::{Fault, WriteError},
    ports::applied_documents::{AppliedDocumentReads, AppliedDocuments},
    version::Version,
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::time,
    rows::{Rows, fenced},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applied_documents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) document: Vec<u8>,
    pub(crate) applied_by: String,
    pub(crate) applied_at: i64,
    pub(crate) version: i64,
}

fenced!();

#[async_trait]
impl<L: Line> AppliedDocumentReads for Rows<L> {
    async fn last(&self) -> Result<Option<AppliedDocument>, Fault> {
        let row = self.one(self.select::<Entity>()).await?;
        Ok(row.map(|row| AppliedDocument {
            document: row.document,
            applied_by: row.applied_by,
            applied_at: time(row.applied_at),
            version: Version::new(row.version),
        }))
    }
}

#[async_trait]
impl<L: WriteLine> AppliedDocuments for Rows<L> {
    async fn put(&self, document: &AppliedDocument, read: Option<Version>) -> Result<Version, WriteError> {
        let Some(read) = read else { return self.put_first(document).await };
        let row = ActiveModel {
            document: Set(document.document.clone()),
            applied_by: Set(document.applied_by.clone()),
            applied_at: Set(document.applied_at.millis()),
            version: Set(read.next().number()),
            ..Default::default()
        };
        let version = self.run_guarded(self.update_to(row).filter(Column::Version.eq(read.number())), read).await?;
        self.changed(Noun::TenantDocument, &self.tenant_id()).await?;
        Ok(version)
    }
}

impl<L: WriteLine> Rows<L> {
    async fn put_first(&self, document: &AppliedDocument) -> Result<Version, WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            document: document.document.clone(),
            applied_by: document.applied_by.clone(),
            applied_at: document.applied_at.millis(),
            version: Version::FIRST.number(),
        };
        match self.insert_row(Noun::TenantDocument, row).await {
            Ok(()) => {
                self.created(Noun::TenantDocument, &self.tenant_id()).await?;
                Ok(Version::FIRST)
            }
            // Somebody else was the first.
            Err(WriteError::Taken(_)) => Err(WriteError::Stale),
            Err(error) => Err(error),
        }
    }
}
