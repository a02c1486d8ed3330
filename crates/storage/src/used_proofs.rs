//! Proofs of possession: whoever inserts one was the first to use it.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::used_proofs::{UsedProofReads, UsedProofs},
    time::Timestamp,
    used_assertion::Novelty,
    used_proof::UsedProof,
};
use sea_orm::{ConnectionTrait, QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    rows::{self, Rows, fenced, unguarded},
};

const IS_USED: &str = "SELECT 1 FROM used_proofs WHERE tenant_id = $1 AND client_uid = $2 AND digest = $3";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_proofs")]
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
impl<L: Line> UsedProofReads for Rows<L> {
    async fn is_used(&self, proof: &UsedProof) -> Result<bool, Fault> {
        let values = [proof.client.uuid().into(), proof.digest.bytes().to_vec().into()];
        let statement = self.statement(IS_USED, values);
        self.line().db().query_one_raw(statement).await.map(|row| row.is_some()).map_err(fault)
    }
}

#[async_trait]
impl<L: WriteLine> UsedProofs for Rows<L> {
    async fn spend(&self, proof: &UsedProof, now: Timestamp) -> Result<Novelty, Fault> {
        let (least, greatest) = proof.digest.part();
        let part = self
            .select::<Entity>()
            .filter(Column::ClientUid.eq(proof.client.uuid()))
            .filter(Column::Digest.between(least.to_vec(), greatest.to_vec()))
            .filter(Column::ExpiresAt.gt(now.millis()));
        let part = part.select_only().column(Column::ExpiresAt).limit(u64::from(UsedProof::MOST_IN_A_PART));
        let there: Vec<i64> = part.into_tuple().all(&self.line().db()).await.map_err(fault)?;
        if there.len() >= usize::try_from(UsedProof::MOST_IN_A_PART).unwrap_or(usize::MAX) {
            return Ok(Novelty::TooMany);
        }
        let row = Model {
            tenant_id: self.tenant(),
            client_uid: proof.client.uuid(),
            digest: proof.digest.bytes().to_vec(),
            expires_at: proof.expires_at.millis(),
        };
        let first = rows::insert(self.line(), row).await.map_err(unguarded)?;
        Ok(if first { Novelty::New } else { Novelty::Used })
    }
}
