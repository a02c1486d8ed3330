//! Consents as operators look at them and take them back.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::Fault,
    id::{ClientUid, UserId},
    page::{Page, PageRequest},
    ports::consents::{ConsentLists, ConsentSelection, ConsentWithdrawals, ListedConsent},
};
use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};

use super::{Column, Entity, Model};
use crate::{
    fault::fault,
    line::{Line, WriteLine},
    rows::{Rows, page_limit, page_of},
};

/// What lies behind a position, in the order of user and client.
fn behind(position: &str) -> Result<Condition, Fault> {
    let wrong = || Fault::bug("page of consents");
    let (user, client) = position.split_once('/').ok_or_else(wrong)?;
    let user: UserId = user.parse().map_err(|_| wrong())?;
    let client: ClientUid = client.parse().map_err(|_| wrong())?;
    let same = Condition::all().add(Column::UserId.eq(user.uuid())).add(Column::ClientUid.gt(client.uuid()));
    Ok(Condition::any().add(Column::UserId.gt(user.uuid())).add(same))
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
    async fn list(&self, of: &ConsentSelection, page: PageRequest) -> Result<Page<ListedConsent>, Fault> {
        let those = Condition::all()
            .add_option(of.user.map(|user| Column::UserId.eq(user.uuid())))
            .add_option(of.client.map(|client| Column::ClientUid.eq(client.uuid())));
        let mut select = self.select::<Entity>().filter(those);
        if let Some(after) = &page.after {
            select = select.filter(behind(after)?);
        }
        let select = select.order_by_asc(Column::UserId).order_by_asc(Column::ClientUid).limit(page_limit(&page));
        let rows = self.all_rows(select).await?;
        let place =
            |row: &Model| format!("{}/{}", UserId::from_uuid(row.user_id), ClientUid::from_uuid(row.client_uid));
        let Page { rows, next } = page_of(&page, rows, place);
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
