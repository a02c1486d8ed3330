//! Pushed authorization requests: found by digest, used up by one guarded statement.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ClientUid,
    ports::pushed_requests::{PushedRequestReads, PushedRequests},
    pushed_request::PushedRequest,
    secret::Digest,
    time::Timestamp,
};
use sea_orm::entity::prelude::*;

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "pushed_requests";

/// What it asked goes at the same time: nobody needs it any more.
const USE_UP: &str =
    "INSERT INTO pushed_requests (tenant_id, digest, client_uid, sealed, pushed_at, expires_at, used_at)
     VALUES ($1, $2, $3, $4, $5, $5, $5)
     ON CONFLICT (tenant_id, digest) DO UPDATE SET used_at = excluded.used_at, sealed = excluded.sealed
     WHERE pushed_requests.used_at IS NULL AND pushed_requests.client_uid = excluded.client_uid";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pushed_requests")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) client_uid: Uuid,
    pub(crate) sealed: Vec<u8>,
    pub(crate) pushed_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) used_at: Option<i64>,
}

fenced!();

impl Model {
    fn thing(self) -> Result<PushedRequest, Fault> {
        // The row is named by its client: the digest stays where it is.
        let row = Reading::row(TABLE, self.tenant_id, &self.client_uid);
        Ok(PushedRequest {
            digest: row.digest("digest", &self.digest)?,
            client: ClientUid::from_uuid(self.client_uid),
            sealed: self.sealed,
            pushed_at: time(self.pushed_at),
            expires_at: time(self.expires_at),
            used_at: self.used_at.map(time),
        })
    }
}

#[async_trait]
impl<L: Line> PushedRequestReads for Rows<L> {
    async fn find(&self, digest: &Digest) -> Result<Option<PushedRequest>, Fault> {
        let select = self.select::<Entity>().filter(Column::Digest.eq(digest.bytes().to_vec()));
        self.one(select).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> PushedRequests for Rows<L> {
    async fn waiting(&self, client: ClientUid, now: Timestamp, most: u32) -> Result<u32, Fault> {
        let select = self.select::<Entity>().filter(Column::ClientUid.eq(client.uuid()));
        let select = select.filter(Column::ExpiresAt.gt(now.millis())).filter(Column::UsedAt.is_null());
        self.count_up_to(select, most).await
    }

    async fn insert(&self, request: &PushedRequest) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            digest: request.digest.bytes().to_vec(),
            client_uid: request.client.uuid(),
            sealed: request.sealed.clone(),
            pushed_at: request.pushed_at.millis(),
            expires_at: request.expires_at.millis(),
            used_at: request.used_at.map(Timestamp::millis),
        };
        self.insert_row(Noun::Grant, row).await
    }

    async fn use_up(&self, digest: &Digest, client: ClientUid, now: Timestamp) -> Result<bool, Fault> {
        let (digest, nothing): (Vec<u8>, Vec<u8>) = (digest.bytes().to_vec(), Vec::new());
        let values = [digest.into(), client.uuid().into(), nothing.into(), now.millis().into()];
        self.execute(self.statement(USE_UP, values)).await.map(|rows| rows == 1).map_err(unguarded)
    }
}
