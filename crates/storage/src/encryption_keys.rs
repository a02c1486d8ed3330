//! Encryption keys. A partial index sees to it that one of each kind is published at most, so the published one leaves
//! before another takes its place.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    encryption_key::{EncryptionKey, EncryptionKeyState, EncryptionKind},
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    key::SealedPrivateKey,
    ports::encryption_keys::{EncryptionKeyReads, EncryptionKeys},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "encryption_keys";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "encryption_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) public_jwk: String,
    pub(crate) public_seal: Vec<u8>,
    pub(crate) private: Vec<u8>,
    pub(crate) state: String,
    pub(crate) withdrawn_at: Option<i64>,
    pub(crate) due_at: i64,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<EncryptionKey, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let due_at = time(self.due_at);
        let state = match self.state.as_str() {
            "published" => EncryptionKeyState::Published { replace_at: due_at },
            "withdrawn" => EncryptionKeyState::Withdrawn {
                withdrawn_at: time(row.present("withdrawn_at", self.withdrawn_at)?),
                destroy_at: due_at,
            },
            _ => return Err(row.wrong("state")),
        };
        let kind = EncryptionKind::from_label(&self.kind).ok_or_else(|| row.wrong("kind"))?;
        let id: KeyId = self.id.parse().map_err(|_| row.wrong("id"))?;
        let (public, private) = ((self.public_jwk, self.public_seal), SealedPrivateKey(self.private));
        let key = EncryptionKey::published(id, kind, public, private, time(self.created_at), due_at);
        Ok(key.stored_as(state, Version::new(self.version)))
    }
}

const fn withdrawn_at(state: EncryptionKeyState) -> Option<i64> {
    match state {
        EncryptionKeyState::Published { .. } => None,
        EncryptionKeyState::Withdrawn { withdrawn_at, .. } => Some(withdrawn_at.millis()),
    }
}

/// The tenants with a key that is due, the longest waiting first.
pub(crate) async fn due<L: Line>(line: &L, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
    let select = Entity::find()
        .select_only()
        .column(Column::TenantId)
        .filter(Column::DueAt.lte(now.millis()))
        .group_by(Column::TenantId)
        .order_by_asc(Column::DueAt.min())
        .limit(u64::from(limit));
    let tenants: Vec<Uuid> = select.into_tuple().all(&line.db()).await.map_err(fault)?;
    Ok(tenants.into_iter().map(TenantId::from_uuid).collect())
}

#[async_trait]
impl<L: Line> EncryptionKeyReads for Rows<L> {
    async fn all(&self) -> Result<Vec<EncryptionKey>, Fault> {
        let select = self.select::<Entity>().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        self.all_rows(select).await?.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> EncryptionKeys for Rows<L> {
    async fn insert(&self, key: &EncryptionKey) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            id: key.id.as_str().to_owned(),
            kind: key.kind.label().to_owned(),
            public_jwk: key.public_jwk.clone(),
            public_seal: key.public_seal.clone(),
            private: key.private.0.clone(),
            state: key.state().label().to_owned(),
            withdrawn_at: withdrawn_at(key.state()),
            due_at: key.due_at().millis(),
            version: key.version.number(),
            created_at: key.created_at.millis(),
        };
        match self.insert_row(Noun::EncryptionKey, row).await {
            // Ids are never chosen twice, so what stood in the way is another published one.
            Err(WriteError::Taken(_)) => return Err(WriteError::Stale),
            other => other?,
        }
        Ok(self.created(Noun::EncryptionKey, key.id.as_str()).await?)
    }

    async fn update(&self, key: &EncryptionKey) -> Result<Version, WriteError> {
        let row = ActiveModel {
            state: Set(key.state().label().to_owned()),
            withdrawn_at: Set(withdrawn_at(key.state())),
            due_at: Set(key.due_at().millis()),
            version: Set(key.version.next().number()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Id.eq(key.id.as_str()));
        let update = update.filter(Column::Version.eq(key.version.number()));
        let version = self.run_guarded(update, key.version).await?;
        self.changed(Noun::EncryptionKey, key.id.as_str()).await?;
        Ok(version)
    }

    async fn delete(&self, id: &KeyId, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Id.eq(id.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::EncryptionKey, id.as_str()).await?)
    }
}
