//! Sessions as operators look at them.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    id::{ClientId, SessionId, UserId},
    page::Page,
    ports::sessions::{ListedSession, SessionLists},
    query::Query,
    session::SessionField,
};
use sea_orm::{QuerySelect, entity::prelude::*};

use super::{Column, Entity, Model};
use crate::{
    fault::fault,
    grants,
    line::Line,
    query::{Listed, asked, id_of},
    rows::{Rows, page_of},
};

impl Listed for Entity {
    type Field = SessionField;

    fn column(field: SessionField) -> Column {
        match field {
            SessionField::AuthenticateTime => Column::AuthenticatedAt,
            SessionField::ExpireTime => Column::ExpiresAt,
            SessionField::EndTime => Column::EndedAt,
        }
    }
}

impl<L: Line> Rows<L> {
    /// The sessions with the clients that were given something in them.
    async fn listed_sessions(&self, rows: Vec<Model>) -> Result<Vec<ListedSession>, Fault> {
        let mut clients = self.clients_of(rows.iter().map(|row| row.id).collect()).await?;
        let listed = rows.into_iter().map(|row| {
            let clients = clients.remove(&row.id).unwrap_or_default().into_iter().collect();
            Ok(ListedSession { session: row.thing()?, clients })
        });
        listed.collect()
    }

    async fn clients_of(&self, sessions: Vec<Uuid>) -> Result<HashMap<Uuid, BTreeSet<ClientId>>, Fault> {
        let mut clients: HashMap<_, BTreeSet<_>> = HashMap::with_capacity(sessions.len());
        if sessions.is_empty() {
            return Ok(clients);
        }
        let select = self.select::<grants::Entity>().select_only();
        let select = select.column(grants::Column::SessionId).column(grants::Column::ClientUid).distinct();
        let select = select.filter(grants::Column::SessionId.is_in(sessions));
        let given: Vec<(Uuid, Uuid)> = select.into_tuple().all(&self.line().db()).await.map_err(fault)?;
        let names = self.client_ids(&given.iter().map(|(_, client)| *client).collect()).await?;
        for (session, client) in given {
            clients.entry(session).or_default().extend(names.get(&client).cloned());
        }
        Ok(clients)
    }
}

#[async_trait]
impl<L: Line> SessionLists for Rows<L> {
    async fn find(&self, id: SessionId) -> Result<Option<ListedSession>, Fault> {
        let row = self.one(self.select::<Entity>().filter(Column::Id.eq(id.uuid()))).await?;
        Ok(self.listed_sessions(row.into_iter().collect()).await?.pop())
    }

    async fn list(&self, user: Option<UserId>, query: Query<SessionField>) -> Result<Page<ListedSession>, Fault> {
        let mut select = self.select::<Entity>();
        if let Some(user) = user {
            select = select.filter(Column::UserId.eq(user.uuid()));
        }
        let own = |after: &str| id_of(after, |id: SessionId| id.uuid());
        let rows = self.all_rows(asked(select, &query, &[Column::Id], own)?).await?;
        let sessions = self.listed_sessions(rows).await?;
        let position = |listed: &ListedSession| {
            query.position(|field| listed.session.field(field), &listed.session.id.to_string())
        };
        Ok(page_of(&query.page, sessions, position))
    }
}
