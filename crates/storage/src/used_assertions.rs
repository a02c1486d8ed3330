//! Assertions that proved their clients: whoever inserts one was the first to use it.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::used_assertions::UsedAssertions,
    time::Timestamp,
    used_assertion::{Novelty, UsedAssertion},
};
use sea_orm::{QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::WriteLine,
    rows::{self, Rows, fenced, unguarded},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_assertions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client_uid: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) expires_at: i64,
}

fenced!();

#[async_trait]
impl<L: WriteLine> UsedAssertions for Rows<L> {
    async fn spend(&self, assertion: &UsedAssertion, now: Timestamp) -> Result<Novelty, Fault> {
        let (least, greatest) = assertion.digest.part();
        let part = self
            .select::<Entity>()
            .filter(Column::ClientUid.eq(assertion.client.uuid()))
            .filter(Column::Digest.between(least.to_vec(), greatest.to_vec()))
            .filter(Column::ExpiresAt.gt(now.millis()));
        let part = part.select_only().column(Column::ExpiresAt).limit(u64::from(UsedAssertion::MOST_IN_A_PART));
        let there: Vec<i64> = part.into_tuple().all(&self.line().db()).await.map_err(fault)?;
        if there.len() >= usize::try_from(UsedAssertion::MOST_IN_A_PART).unwrap_or(usize::MAX) {
            return Ok(Novelty::TooMany);
        }
        let row = Model {
            tenant_id: self.tenant(),
            client_uid: assertion.client.uuid(),
            digest: assertion.digest.bytes().to_vec(),
            expires_at: assertion.expires_at.millis(),
        };
        let first = rows::insert(self.line(), row).await.map_err(unguarded)?;
        Ok(if first { Novelty::New } else { Novelty::Used })
    }
}
