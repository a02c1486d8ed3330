//! The secrets of clients: digests, and sealed copies of those that sign.

use std::collections::HashMap;

use chancery_domain::{
    change::Noun,
    client::ClientSecret,
    fault::{Fault, WriteError},
    id::{ClientUid, SecretId},
    secret::SealedSecret,
    time::Timestamp,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "client_secrets";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_secrets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client_uid: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) last_used_at: Option<i64>,
}

fenced!();

impl Model {
    fn thing(self) -> Result<ClientSecret, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        Ok(ClientSecret {
            id: SecretId::from_uuid(self.id),
            digest: row.digest("digest", &self.digest)?,
            sealed: self.sealed.map(SealedSecret),
            hint: self.hint,
            created_at: time(self.created_at),
            expires_at: self.expires_at.map(time),
            last_used_at: self.last_used_at.map(time),
        })
    }
}

impl<L: Line> Rows<L> {
    /// The secrets of these clients, oldest first.
    pub(super) async fn secrets_of(&self, clients: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<ClientSecret>>, Fault> {
        let mut secrets: HashMap<_, Vec<_>> = HashMap::with_capacity(clients.len());
        if clients.is_empty() {
            return Ok(secrets);
        }
        let select = self.select::<Entity>().filter(Column::ClientUid.is_in(clients));
        for row in self.all_rows(select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)).await? {
            secrets.entry(row.client_uid).or_default().push(row.thing()?);
        }
        Ok(secrets)
    }
}

impl<L: WriteLine> Rows<L> {
    pub(super) async fn insert_secret(&self, client: ClientUid, secret: &ClientSecret) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            client_uid: client.uuid(),
            id: secret.id.uuid(),
            digest: secret.digest.bytes().to_vec(),
            hint: secret.hint.clone(),
            created_at: secret.created_at.millis(),
            expires_at: secret.expires_at.map(Timestamp::millis),
            sealed: secret.sealed.as_ref().map(|SealedSecret(sealed)| sealed.clone()),
            last_used_at: secret.last_used_at.map(Timestamp::millis),
        };
        self.insert_row(Noun::Client, row).await
    }

    pub(super) async fn unseal_secrets(&self, client: ClientUid) -> Result<(), WriteError> {
        let row = ActiveModel { sealed: Set(None), ..Default::default() };
        let update = self.update_to(row).filter(Column::ClientUid.eq(client.uuid()));
        self.run(update).await.map(drop)
    }

    pub(super) async fn remove_secret(&self, client: ClientUid, secret: SecretId) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::ClientUid.eq(client.uuid()));
        self.delete_guarded(delete.filter(Column::Id.eq(secret.uuid()))).await
    }
}
