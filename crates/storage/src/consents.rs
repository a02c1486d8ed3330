//! Consents.

mod listing;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    consent::Consent,
    fault::{Fault, WriteError},
    id::{ClientUid, UserId},
    ports::store::{ConsentReads, Consents},
    scope::ScopeSet,
};
use sea_orm::{IntoActiveModel, QuerySelect, Select, entity::prelude::*, sea_query::OnConflict};

use crate::{
    fault::write_error,
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "consents";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client_uid: Uuid,
    pub(crate) scopes: String,
    pub(crate) granted_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Consent, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &format!("{}/{}", self.user_id, self.client_uid));
        Ok(Consent {
            user: UserId::from_uuid(self.user_id),
            client: ClientUid::from_uuid(self.client_uid),
            scopes: ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?,
            granted_at: time(self.granted_at),
        })
    }
}

impl<L: Line> Rows<L> {
    fn consent(&self, user: UserId, client: ClientUid) -> Select<Entity> {
        let select = self.select::<Entity>().filter(Column::UserId.eq(user.uuid()));
        select.filter(Column::ClientUid.eq(client.uuid()))
    }
}

#[async_trait]
impl<L: Line> ConsentReads for Rows<L> {
    async fn find(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault> {
        self.one(self.consent(user, client)).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> Consents for Rows<L> {
    async fn put(&self, consent: &Consent) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            user_id: consent.user.uuid(),
            client_uid: consent.client.uuid(),
            scopes: consent.scopes.to_string(),
            granted_at: consent.granted_at.millis(),
        };
        let replace = OnConflict::columns([Column::TenantId, Column::UserId, Column::ClientUid])
            .update_columns([Column::Scopes, Column::GrantedAt])
            .to_owned();
        let insert = Entity::insert(row.into_active_model()).on_conflict(replace);
        insert.exec_without_returning(&self.line().db()).await.map_err(write_error)?;
        Ok(self.changed(Noun::Consent, &format!("{}/{}", consent.user, consent.client)).await?)
    }

    /// A lock that lets others hold it too. On SQLite the one writer is enough.
    async fn hold(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault> {
        self.one(self.consent(user, client).lock_shared()).await?.map(Model::thing).transpose()
    }
}
