//! Initial access tokens: found by digest, used by one guarded statement.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::InitialAccessTokenId,
    ports::initial_access_tokens::{InitialAccessTokenReads, InitialAccessTokens},
    registration::InitialAccessToken,
    secret::Digest,
    time::Timestamp,
};
use sea_orm::{
    QueryOrder,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "initial_access_tokens";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "initial_access_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) display_name: String,
    pub(crate) uses_left: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<InitialAccessToken, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        Ok(InitialAccessToken {
            id: InitialAccessTokenId::from_uuid(self.id),
            digest: row.digest("digest", &self.digest)?,
            hint: self.hint,
            display_name: self.display_name,
            uses_left: u32::try_from(self.uses_left).map_err(|_| row.wrong("uses_left"))?,
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
        })
    }
}

#[async_trait]
impl<L: Line> InitialAccessTokenReads for Rows<L> {
    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault> {
        let select = self.select::<Entity>().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        self.all_rows(select).await?.into_iter().map(Model::thing).collect()
    }

    async fn find(&self, digest: &Digest) -> Result<Option<InitialAccessToken>, Fault> {
        let select = self.select::<Entity>().filter(Column::Digest.eq(digest.bytes().to_vec()));
        self.one(select).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> InitialAccessTokens for Rows<L> {
    async fn insert(&self, token: &InitialAccessToken) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            id: token.id.uuid(),
            digest: token.digest.bytes().to_vec(),
            hint: token.hint.clone(),
            display_name: token.display_name.clone(),
            uses_left: i64::from(token.uses_left),
            created_at: token.created_at.millis(),
            expires_at: token.expires_at.millis(),
        };
        self.insert_row(Noun::InitialAccessToken, row).await?;
        Ok(self.created(Noun::InitialAccessToken, &token.id).await?)
    }

    async fn spend(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let update = self.update_rows::<Entity>().col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1));
        let update = update.filter(Column::Digest.eq(digest.bytes().to_vec()));
        let update = update.filter(Column::UsesLeft.gt(0)).filter(Column::ExpiresAt.gt(now.millis()));
        let done = update.exec(&self.line().db()).await.map_err(fault)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: InitialAccessTokenId) -> Result<bool, Fault> {
        let delete = self.delete_rows::<Entity>().filter(Column::Id.eq(id.uuid()));
        let gone = delete.exec(&self.line().db()).await.map_err(fault)?.rows_affected == 1;
        if gone {
            self.deleted(Noun::InitialAccessToken, &id).await?;
        }
        Ok(gone)
    }
}
