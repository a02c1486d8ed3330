//! Signing keys. Two partial indexes see to it that there is one active and one standby key per algorithm at most, so a
//! key steps down before the next one takes its place.

mod census;
mod policy;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::KeyId,
    key::{Key, KeyState, SealedPrivateKey},
    key_policy::KeyPolicy,
    ports::store::{KeyReads, Keys, SealedKek},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

pub(crate) use self::{census::take as census, policy::due};
use crate::{
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "keys";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) algorithm: String,
    pub(crate) public_jwk: String,
    pub(crate) public_seal: Vec<u8>,
    pub(crate) private_key: Option<Vec<u8>>,
    pub(crate) state: String,
    pub(crate) announced_at: Option<i64>,
    pub(crate) activated_at: Option<i64>,
    pub(crate) deactivated_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Key, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let state = self.state(&row)?;
        let id = row.parse("id", &self.id)?;
        let algorithm = row.parse("algorithm", &self.algorithm)?;
        let private = self.private_key.map(SealedPrivateKey);
        // A key begins with a private part, which this one may have lost.
        let placeholder = SealedPrivateKey(Vec::new());
        let created_at = time(self.created_at);
        let key = Key::generated(id, algorithm, self.public_jwk, self.public_seal, placeholder, created_at);
        let mut key = key.stored_as(state, Version::new(self.version));
        key.private = private;
        Ok(key)
    }

    fn state(&self, row: &Reading) -> Result<KeyState, Fault> {
        let announced_at = || row.present("announced_at", self.announced_at).map(time);
        let activated_at = || row.present("activated_at", self.activated_at).map(time);
        let deactivated_at = || row.present("deactivated_at", self.deactivated_at).map(time);
        Ok(match self.state.as_str() {
            "generated" => KeyState::Generated,
            "standby" => KeyState::Standby { announced_at: announced_at()? },
            "active" => KeyState::Active { announced_at: announced_at()?, activated_at: activated_at()? },
            "retiring" => KeyState::Retiring { deactivated_at: deactivated_at()? },
            "retired" => KeyState::Retired { deactivated_at: deactivated_at()? },
            "purged" => KeyState::Purged,
            "tainted" => KeyState::Tainted { deactivated_at: deactivated_at()? },
            "compromised" => KeyState::Compromised { at: deactivated_at()? },
            _ => return Err(row.wrong("state")),
        })
    }

    fn of(tenant: Uuid, key: &Key) -> Self {
        let (announced_at, activated_at) = match key.state() {
            KeyState::Standby { announced_at } => (Some(announced_at), None),
            KeyState::Active { announced_at, activated_at } => (Some(announced_at), Some(activated_at)),
            KeyState::Generated
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => (None, None),
        };
        Self {
            tenant_id: tenant,
            id: key.id.to_string(),
            algorithm: key.algorithm.to_string(),
            public_jwk: key.public_jwk.clone(),
            public_seal: key.public_seal.clone(),
            private_key: key.private.as_ref().map(|SealedPrivateKey(sealed)| sealed.clone()),
            state: key.state().label().to_owned(),
            announced_at: announced_at.map(Timestamp::millis),
            activated_at: activated_at.map(Timestamp::millis),
            deactivated_at: key.state().deactivated_at().map(Timestamp::millis),
            version: key.version.number(),
            created_at: key.created_at.millis(),
        }
    }
}

#[async_trait]
impl<L: Line> KeyReads for Rows<L> {
    async fn all(&self) -> Result<Vec<Key>, Fault> {
        let select = self.select::<Entity>().filter(Column::State.ne("purged"));
        let rows = self.all_rows(select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)).await?;
        rows.into_iter().map(Model::thing).collect()
    }

    async fn find(&self, id: &KeyId) -> Result<Option<Key>, Fault> {
        let select = self.select::<Entity>().filter(Column::Id.eq(id.as_str()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn policy(&self) -> Result<KeyPolicy, Fault> {
        self.key_policy().await
    }

    async fn kek(&self) -> Result<SealedKek, Fault> {
        self.sealed_kek().await
    }
}

#[async_trait]
impl<L: WriteLine> Keys for Rows<L> {
    async fn insert(&self, key: &Key) -> Result<(), WriteError> {
        match self.insert_row(Noun::Key, Model::of(self.tenant(), key)).await {
            // Ids are never chosen twice, so what stood in the way is another active or standby key.
            Err(WriteError::Taken(_)) => return Err(WriteError::Stale),
            other => other?,
        }
        Ok(self.changed(Noun::Key, &key.id).await?)
    }

    async fn update(&self, key: &Key) -> Result<(), WriteError> {
        let row = Model::of(self.tenant(), key);
        let row = ActiveModel {
            private_key: Set(row.private_key),
            state: Set(row.state),
            announced_at: Set(row.announced_at),
            activated_at: Set(row.activated_at),
            deactivated_at: Set(row.deactivated_at),
            version: Set(key.version.next().number()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Id.eq(key.id.as_str()));
        let update = update.filter(Column::Version.eq(key.version.number()));
        self.run_guarded(update, key.version).await?;
        Ok(self.changed(Noun::Key, &key.id).await?)
    }

    async fn put_policy(&self, policy: &KeyPolicy, now: Timestamp) -> Result<Version, WriteError> {
        let version = self.put_key_policy(policy, now).await?;
        self.changed(Noun::KeyPolicy, &self.tenant()).await?;
        Ok(version)
    }

    async fn insert_kek(&self, kek: &SealedKek) -> Result<(), WriteError> {
        self.insert_sealed_kek(kek).await
    }

    async fn schedule(&self, due: Timestamp) -> Result<(), Fault> {
        self.schedule_keys(due).await
    }
}
