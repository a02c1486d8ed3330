//! Grants as operators look at them and take them back.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    grant::{GrantField, GrantState, RevocationReason},
    id::GrantId,
    page::Page,
    ports::grants::{GrantLists, GrantRevocations, GrantSelection, ListedGrant},
    query::{Query, Value},
    time::Timestamp,
};
use sea_orm::{Condition, PaginatorTrait, QuerySelect, QueryTrait, UpdateMany, prelude::*};

use super::{Column, Entity, Model};
use crate::{
    codes, devices,
    fault::fault,
    line::{Line, WriteLine},
    query::{Listed, asked, id_of},
    row::time,
    rows::{Rows, page_of},
};

/// The condition that selects them.
fn selected(of: &GrantSelection) -> Condition {
    Condition::all()
        .add_option(of.user.map(|user| Column::UserId.eq(user.uuid())))
        .add_option(of.client.map(|client| Column::ClientUid.eq(client.uuid())))
        .add_option(of.session.map(|session| Column::SessionId.eq(session.uuid())))
}

/// The codes that could still become such a grant.
fn unredeemed(of: &GrantSelection, now: Timestamp) -> Condition {
    Condition::all()
        .add(codes::Column::ExpiresAt.gt(now.millis()))
        .add(codes::Column::RedeemedAt.is_null())
        .add_option(of.user.map(|user| codes::Column::UserId.eq(user.uuid())))
        .add_option(of.client.map(|client| codes::Column::ClientUid.eq(client.uuid())))
        .add_option(of.session.map(|session| codes::Column::SessionId.eq(session.uuid())))
}

/// The wishes of devices that could. What nobody allowed yet, or is redeemed, is no such grant to be.
fn approved(of: &GrantSelection, now: Timestamp) -> Condition {
    Condition::all()
        .add(devices::Column::State.eq(devices::APPROVED))
        .add(devices::Column::ExpiresAt.gt(now.millis()))
        .add_option(of.user.map(|user| devices::Column::UserId.eq(user.uuid())))
        .add_option(of.client.map(|client| devices::Column::ClientUid.eq(client.uuid())))
        .add_option(of.session.map(|session| devices::Column::SessionId.eq(session.uuid())))
}

/// The condition of a state.
fn standing(state: GrantState, now: Timestamp) -> Condition {
    let unrevoked = Condition::all().add(Column::RevokedAt.is_null());
    match state {
        GrantState::Live => unrevoked.add(Column::ExpiresAt.gt(now.millis())),
        GrantState::Expired => unrevoked.add(Column::ExpiresAt.lte(now.millis())),
        GrantState::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
    }
}

impl Listed for Entity {
    type Field = GrantField;

    fn column(field: GrantField) -> Column {
        match field {
            GrantField::CreateTime => Column::CreatedAt,
            GrantField::ExpireTime => Column::ExpiresAt,
            GrantField::RevokeTime => Column::RevokedAt,
        }
    }
}

impl Model {
    fn field(&self, field: GrantField) -> Option<Value> {
        let at = match field {
            GrantField::CreateTime => Some(self.created_at),
            GrantField::ExpireTime => Some(self.expires_at),
            GrantField::RevokeTime => self.revoked_at,
        };
        at.map(|at| Value::Time(time(at)))
    }
}

impl<L: Line> Rows<L> {
    /// The grants with the names of their clients. One whose client has gone meanwhile has gone with it.
    async fn listed(&self, rows: Vec<Model>) -> Result<Vec<ListedGrant>, Fault> {
        let uids: BTreeSet<Uuid> = rows.iter().map(|row| row.client_uid).collect();
        let ids = self.client_ids(&uids).await?;
        let with_ids = rows.into_iter().filter_map(|row| Some((ids.get(&row.client_uid)?.clone(), row)));
        with_ids.map(|(client, row)| Ok(ListedGrant { grant: row.thing()?, client })).collect()
    }
}

#[async_trait]
impl<L: Line> GrantLists for Rows<L> {
    async fn find(&self, id: GrantId) -> Result<Option<ListedGrant>, Fault> {
        let row = self.one(self.select::<Entity>().filter(Column::Id.eq(id.uuid()))).await?;
        Ok(self.listed(row.into_iter().collect()).await?.pop())
    }

    async fn list(
        &self,
        of: &GrantSelection,
        state: Option<GrantState>,
        now: Timestamp,
        query: Query<GrantField>,
    ) -> Result<Page<ListedGrant>, Fault> {
        let mut select = self.select::<Entity>().filter(selected(of));
        if let Some(state) = state {
            select = select.filter(standing(state, now));
        }
        let own = |after: &str| id_of(after, |id: GrantId| id.uuid());
        let rows = self.all_rows(asked(select, &query, &[Column::Id], own)?).await?;
        // The page is cut before its rows are told, because one whose client has gone meanwhile is told no more.
        let position = |row: &Model| query.position(|field| row.field(field), &GrantId::from_uuid(row.id).to_string());
        let Page { rows, next } = page_of(&query.page, rows, position);
        Ok(Page { rows: self.listed(rows).await?, next })
    }

    async fn count_live(&self, of: &GrantSelection, now: Timestamp) -> Result<u64, Fault> {
        let select = self.select::<Entity>().filter(selected(of)).filter(standing(GrantState::Live, now));
        select.count(&self.line().db()).await.map_err(fault)
    }
}

#[async_trait]
impl<L: WriteLine> GrantRevocations for Rows<L> {
    async fn revoke_some(
        &self,
        of: &GrantSelection,
        reason: RevocationReason,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, Fault> {
        let some = self.select::<Entity>().filter(selected(of)).filter(standing(GrantState::Live, now));
        let some = some.select_only().column(Column::Id).limit(u64::from(limit)).into_query();
        let those = |grants: UpdateMany<Entity>| grants.filter(Column::Id.in_subquery(some));
        self.revoke_those(those, reason, now).await
    }

    async fn forget_codes(&self, of: &GrantSelection, now: Timestamp) -> Result<(), Fault> {
        let delete = self.delete_rows::<codes::Entity>().filter(unredeemed(of, now));
        delete.exec(&self.line().db()).await.map_err(fault)?;
        let delete = self.delete_rows::<devices::Entity>().filter(approved(of, now));
        delete.exec(&self.line().db()).await.map(drop).map_err(fault)
    }
}

#[cfg(test)]
mod tests;
