//! Consents as operators look at them and take them back.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    consent::ConsentField,
    fault::Fault,
    id::{ClientUid, UserId},
    page::Page,
    ports::consents::{ConsentLists, ConsentSelection, ConsentWithdrawals, ListedConsent},
    query::{Query, Value},
};
use sea_orm::{Condition, prelude::*};

use super::{Column, Entity, Model};
use crate::{
    fault::fault,
    line::{Line, WriteLine},
    query::{Listed, asked},
    row::time,
    rows::{Rows, page_of},
};

impl Listed for Entity {
    type Field = ConsentField;

    fn column(field: ConsentField) -> Column {
        match field {
            ConsentField::UpdateTime => Column::GrantedAt,
        }
    }
}

/// The values of a position: user and client.
fn own(position: &str) -> Result<Vec<sea_orm::Value>, Fault> {
    let wrong = || Fault::bug("page of consents");
    let (user, client) = position.split_once('/').ok_or_else(wrong)?;
    let user: UserId = user.parse().map_err(|_| wrong())?;
    let client: ClientUid = client.parse().map_err(|_| wrong())?;
    Ok(vec![user.uuid().into(), client.uuid().into()])
}

impl<L: Line> Rows<L> {
    async fn listed_consents(&self, rows: Vec<Model>) -> Result<Vec<ListedConsent>, Fault> {
        let uids: BTreeSet<Uuid> = rows.iter().map(|row| row.client_uid).collect();
        let ids = self.client_ids(&uids).await?;
        let with_ids = rows.into_iter().filter_map(|row| Some((ids.get(&row.client_uid)?.clone(), row)));
        with_ids.map(|(client, row)| Ok(ListedConsent { consent: row.thing()?, client })).collect()
    }
}

#[async_trait]
impl<L: Line> ConsentLists for Rows<L> {
    async fn list(&self, of: &ConsentSelection, query: Query<ConsentField>) -> Result<Page<ListedConsent>, Fault> {
        let those = Condition::all()
            .add_option(of.user.map(|user| Column::UserId.eq(user.uuid())))
            .add_option(of.client.map(|client| Column::ClientUid.eq(client.uuid())));
        let select = self.select::<Entity>().filter(those);
        let rows = self.all_rows(asked(select, &query, &[Column::UserId, Column::ClientUid], own)?).await?;
        let position = |row: &Model| {
            let own = format!("{}/{}", UserId::from_uuid(row.user_id), ClientUid::from_uuid(row.client_uid));
            let value = |field| match field {
                ConsentField::UpdateTime => Some(Value::Time(time(row.granted_at))),
            };
            query.position(value, &own)
        };
        let Page { rows, next } = page_of(&query.page, rows, position);
        Ok(Page { rows: self.listed_consents(rows).await?, next })
    }
}

#[async_trait]
impl<L: WriteLine> ConsentWithdrawals for Rows<L> {
    async fn withdraw(&self, user: UserId, client: ClientUid) -> Result<bool, Fault> {
        let delete = self.delete_rows::<Entity>().filter(Column::UserId.eq(user.uuid()));
        let delete = delete.filter(Column::ClientUid.eq(client.uuid()));
        let gone = delete.exec(&self.line().db()).await.map_err(fault)?.rows_affected == 1;
        if gone {
            self.deleted(Noun::Consent, &format!("{user}/{client}")).await?;
        }
        Ok(gone)
    }
}
