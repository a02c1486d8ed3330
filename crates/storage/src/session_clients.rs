//! Which clients take part in a session. Not in the change feed: nobody holds them in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    id::{ClientUid, SessionId},
    ports::session_clients::{SessionClientReads, SessionClients},
};
use sea_orm::{QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    rows::{Rows, fenced, unguarded},
};

const JOIN: &str =
    "INSERT INTO session_clients (tenant_id, session_id, client_uid) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const LEAVE: &str = "DELETE FROM session_clients WHERE tenant_id = $1 AND session_id = $2 AND client_uid = $3";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_clients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client_uid: Uuid,
}

fenced!();

#[async_trait]
impl<L: Line> SessionClientReads for Rows<L> {
    async fn of_session(&self, session: SessionId) -> Result<Vec<ClientUid>, Fault> {
        let select = self.select::<Entity>().filter(Column::SessionId.eq(session.uuid()));
        let rows = self.all_rows(select.order_by_asc(Column::ClientUid)).await?;
        Ok(rows.into_iter().map(|row| ClientUid::from_uuid(row.client_uid)).collect())
    }
}

#[async_trait]
impl<L: WriteLine> SessionClients for Rows<L> {
    async fn join(&self, session: SessionId, client: ClientUid) -> Result<(), Fault> {
        let statement = self.statement(JOIN, [session.uuid().into(), client.uuid().into()]);
        self.execute(statement).await.map(drop).map_err(unguarded)
    }

    async fn leave(&self, session: SessionId, client: ClientUid) -> Result<(), Fault> {
        let statement = self.statement(LEAVE, [session.uuid().into(), client.uuid().into()]);
        self.execute(statement).await.map(drop).map_err(unguarded)
    }
}
