//! Bootstrap tokens, by their digests.

use async_trait::async_trait;
use chancery_domain::{
    bootstrap::BootstrapToken,
    fault::{Fault, WriteError},
    ports::bootstrap::BootstrapTokens,
};
use sea_orm::{QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::WriteLine,
    platform::PlatformRows,
    row::{Reading, time},
    rows::insert,
};

const TABLE: &str = "bootstrap_tokens";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bootstrap_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) expires_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl<L: WriteLine> BootstrapTokens for PlatformRows<L> {
    async fn insert(&self, token: &BootstrapToken) -> Result<(), WriteError> {
        let row = Model { digest: token.digest.bytes().to_vec(), expires_at: token.expires_at.millis() };
        // 256 random bits are there already in the one case that they are these.
        insert(self.line(), row).await.map(drop)
    }

    async fn take_all(&self) -> Result<Vec<BootstrapToken>, Fault> {
        let db = self.line().db();
        // Whoever comes second waits for these rows and then finds them gone.
        let rows = Entity::find().lock_exclusive().all(&db).await.map_err(fault)?;
        Entity::delete_many().exec(&db).await.map_err(fault)?;
        let token = |row: Model| {
            let digest = Reading::platform(TABLE, &"a token").digest("digest", &row.digest)?;
            Ok(BootstrapToken { digest, expires_at: time(row.expires_at) })
        };
        rows.into_iter().map(token).collect()
    }
}
