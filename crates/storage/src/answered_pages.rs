//! Pages that were answered: whoever inserts one was the first to answer it.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::answered_pages::{AnsweredPage, AnsweredPages},
};
use sea_orm::entity::prelude::*;

use crate::{
    line::WriteLine,
    rows::{self, Rows, fenced, unguarded},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answered_pages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) expires_at: i64,
}

fenced!();

#[async_trait]
impl<L: WriteLine> AnsweredPages for Rows<L> {
    async fn answer(&self, page: &AnsweredPage) -> Result<bool, Fault> {
        let row =
            Model { tenant_id: self.tenant(), digest: page.digest.bytes().to_vec(), expires_at: page.until.millis() };
        rows::insert(self.line(), row).await.map_err(unguarded)
    }
}
