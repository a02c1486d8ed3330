//! Sessions. Finding one by its cookie is on the way of every page.

mod listing;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::{SessionId, UserId},
    ports::store::{SessionReads, Sessions},
    secret::Digest,
    session::Session,
    time::Timestamp,
};
use sea_orm::{ActiveValue::Set, FromQueryResult, QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "sessions";

const FIND: &str = "SELECT * FROM sessions WHERE tenant_id = $1 AND digest = $2";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) user_id: Uuid,
    pub(crate) authenticated_at: i64,
    pub(crate) amr: String,
    pub(crate) last_seen_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) ended_at: Option<i64>,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Session, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        Ok(Session {
            id: SessionId::from_uuid(self.id),
            digest: row.digest("digest", &self.digest)?,
            user: UserId::from_uuid(self.user_id),
            authenticated_at: time(self.authenticated_at),
            amr: row.json("amr", &self.amr)?,
            last_seen_at: time(self.last_seen_at),
            expires_at: time(self.expires_at),
            ended_at: self.ended_at.map(time),
        })
    }
}

#[async_trait]
impl<L: Line> SessionReads for Rows<L> {
    async fn find(&self, digest: &Digest) -> Result<Option<Session>, Fault> {
        let statement = self.statement(FIND, [digest.bytes().to_vec().into()]);
        let row = Model::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        row.map(Model::thing).transpose()
    }

    async fn find_by_id(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        let select = self.select::<Entity>().filter(Column::Id.eq(id.uuid()));
        self.one(select).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> Sessions for Rows<L> {
    /// Not in the change feed: nobody holds a session in memory that is not there yet.
    async fn insert(&self, session: &Session) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            id: session.id.uuid(),
            digest: session.digest.bytes().to_vec(),
            user_id: session.user.uuid(),
            authenticated_at: session.authenticated_at.millis(),
            amr: to_json(&session.amr)?,
            last_seen_at: session.last_seen_at.millis(),
            expires_at: session.expires_at.millis(),
            ended_at: session.ended_at.map(Timestamp::millis),
        };
        self.insert_row(Noun::Session, row).await
    }

    /// Not in the change feed either: nobody holds a session in memory beyond its end.
    async fn renew(&self, session: &Session) -> Result<bool, Fault> {
        let row = ActiveModel {
            digest: Set(session.digest.bytes().to_vec()),
            authenticated_at: Set(session.authenticated_at.millis()),
            amr: Set(to_json(&session.amr)?),
            last_seen_at: Set(session.last_seen_at.millis()),
            expires_at: Set(session.expires_at.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Id.eq(session.id.uuid()));
        let update = update.filter(Column::UserId.eq(session.user.uuid())).filter(Column::EndedAt.is_null());
        Ok(self.run(update).await.map_err(unguarded)? == 1)
    }

    /// A lock that lets others hold it too; one on the key alone would not keep an end away. On SQLite the one writer is
    /// enough.
    async fn hold(&self, id: SessionId) -> Result<bool, Fault> {
        let select = self.select::<Entity>().filter(Column::Id.eq(id.uuid())).filter(Column::EndedAt.is_null());
        Ok(self.one(select.lock_shared()).await?.is_some())
    }

    async fn touch(&self, id: SessionId, now: Timestamp) -> Result<(), Fault> {
        let row = ActiveModel { last_seen_at: Set(now.millis()), ..Default::default() };
        let update = self.update_to(row).filter(Column::Id.eq(id.uuid())).filter(Column::LastSeenAt.lt(now.millis()));
        self.run(update).await.map(drop).map_err(unguarded)
    }

    async fn end(&self, id: SessionId, now: Timestamp) -> Result<bool, Fault> {
        let row = ActiveModel { ended_at: Set(Some(now.millis())), ..Default::default() };
        let update = self.update_to(row).filter(Column::Id.eq(id.uuid())).filter(Column::EndedAt.is_null());
        let ended = self.run(update).await.map_err(unguarded)? == 1;
        if ended {
            self.changed(Noun::Session, &id).await?;
        }
        Ok(ended)
    }

    async fn end_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, Fault> {
        let row = ActiveModel { ended_at: Set(Some(now.millis())), ..Default::default() };
        let update = self.update_to(row).filter(Column::UserId.eq(user.uuid())).filter(Column::EndedAt.is_null());
        let ended = update.exec_with_returning(&self.line().db()).await.map_err(fault)?;
        for session in &ended {
            self.changed(Noun::Session, &session.id).await?;
        }
        Ok(ended.into_iter().map(|session| SessionId::from_uuid(session.id)).collect())
    }
}
