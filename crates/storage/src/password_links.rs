//! Password links: one for each user at most, found by digest, used up by one guarded statement.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::UserId,
    password_link::PasswordLink,
    ports::password_links::{PasswordLinkReads, PasswordLinks},
    secret::Digest,
    time::Timestamp,
};
use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};

use crate::{
    fault::{fault, write_error},
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "password_links";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_links")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<PasswordLink, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.user_id);
        Ok(PasswordLink {
            user: UserId::from_uuid(self.user_id),
            digest: row.digest("digest", &self.digest)?,
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
        })
    }
}

#[async_trait]
impl<L: Line> PasswordLinkReads for Rows<L> {
    async fn find(&self, digest: &Digest) -> Result<Option<PasswordLink>, Fault> {
        let select = self.select::<Entity>().filter(Column::Digest.eq(digest.bytes().to_vec()));
        self.one(select).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> PasswordLinks for Rows<L> {
    async fn put(&self, link: &PasswordLink) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            user_id: link.user.uuid(),
            digest: link.digest.bytes().to_vec(),
            created_at: link.created_at.millis(),
            expires_at: link.expires_at.millis(),
        };
        let replace = OnConflict::columns([Column::TenantId, Column::UserId])
            .update_columns([Column::Digest, Column::CreatedAt, Column::ExpiresAt])
            .to_owned();
        let insert = Entity::insert(row.into_active_model()).on_conflict(replace);
        insert.exec_without_returning(&self.line().db()).await.map(drop).map_err(write_error)
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let delete = self.delete_rows::<Entity>().filter(Column::Digest.eq(digest.bytes().to_vec()));
        let delete = delete.filter(Column::ExpiresAt.gt(now.millis()));
        delete.exec(&self.line().db()).await.map(|done| done.rows_affected == 1).map_err(fault)
    }

    async fn withdraw(&self, user: UserId) -> Result<(), Fault> {
        let delete = self.delete_rows::<Entity>().filter(Column::UserId.eq(user.uuid()));
        delete.exec(&self.line().db()).await.map(drop).map_err(fault)
    }
}
