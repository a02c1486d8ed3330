//! Signing keys. Two partial indexes see to it that there is one active and one standby key per algorithm at most, so a
//! key steps down before the next one takes its place.

mod census;
mod policy;

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::KeyId,
    key::{Key, KeyState, Origin, Promise, PublicKey, SealedPrivateKey, Standing},
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
/// For how long a key that was deactivated by the version of before stays published, in milliseconds: 25 hours.
const FORMER_RETENTION: i64 = 25 * 3_600_000;

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
    pub(crate) origin: String,
    pub(crate) thumbprint: Option<String>,
    /// Milliseconds.
    pub(crate) life: i64,
    pub(crate) promised_until: Option<i64>,
    pub(crate) retire_at: Option<i64>,
    pub(crate) retired_at: Option<i64>,
    pub(crate) settled: bool,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Key, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let standing = Standing {
            state: self.state(&row)?,
            announced_at: self.announced_at.map(time),
            activated_at: self.activated_at.map(time),
            retired_at: self.retired_at.map(time),
            settled: self.settled,
            version: Version::new(self.version),
        };
        let public = PublicKey {
            id: row.parse("id", &self.id)?,
            algorithm: row.parse("algorithm", &self.algorithm)?,
            jwk: self.public_jwk,
            thumbprint: self.thumbprint,
            seal: self.public_seal,
        };
        let origin = match self.origin.as_str() {
            "made" => Origin::Made,
            "imported" => Origin::Imported,
            _ => return Err(row.wrong("origin")),
        };
        let life = u64::try_from(self.life).map_err(|_| row.wrong("life"))?;
        let mut key = Key::generated(public, self.private_key.map(SealedPrivateKey), origin, time(self.created_at));
        key.promise = Promise { life: Duration::from_millis(life), until: self.promised_until.map(time) };
        Ok(key.standing(standing))
    }

    fn state(&self, row: &Reading) -> Result<KeyState, Fault> {
        let announced_at = || row.present("announced_at", self.announced_at).map(time);
        let activated_at = || row.present("activated_at", self.activated_at).map(time);
        let deactivated_at = || row.present("deactivated_at", self.deactivated_at).map(time);
        let formerly = self.deactivated_at.map(|at| at + FORMER_RETENTION);
        let retire_at = || row.present("retire_at", self.retire_at.or(formerly)).map(time);
        Ok(match self.state.as_str() {
            "generated" => KeyState::Generated,
            "standby" => KeyState::Standby { announced_at: announced_at()? },
            "active" => KeyState::Active { announced_at: announced_at()?, activated_at: activated_at()? },
            "retiring" => KeyState::Retiring { deactivated_at: deactivated_at()?, retire_at: retire_at()? },
            "retired" => KeyState::Retired { deactivated_at: deactivated_at()? },
            "purged" => KeyState::Purged,
            "tainted" => KeyState::Tainted { deactivated_at: deactivated_at()?, retire_at: retire_at()? },
            "compromised" => KeyState::Compromised { at: deactivated_at()? },
            _ => return Err(row.wrong("state")),
        })
    }

    fn of(tenant: Uuid, key: &Key) -> Self {
        let moment = |at: Option<Timestamp>| at.map(Timestamp::millis);
        Self {
            tenant_id: tenant,
            id: key.id.to_string(),
            algorithm: key.algorithm.to_string(),
            public_jwk: key.public_jwk.clone(),
            public_seal: key.public_seal.clone(),
            private_key: key.private.as_ref().map(|SealedPrivateKey(sealed)| sealed.clone()),
            state: key.state().label().to_owned(),
            announced_at: moment(key.announced_at()),
            activated_at: moment(key.activated_at()),
            deactivated_at: moment(key.state().deactivated_at()),
            version: key.version.number(),
            created_at: key.created_at.millis(),
            origin: key.origin.label().to_owned(),
            thumbprint: key.thumbprint.clone(),
            life: i64::try_from(key.promise.life.as_millis()).unwrap_or(i64::MAX),
            promised_until: moment(key.promise.until),
            retire_at: moment(key.state().retire_at()),
            retired_at: moment(key.retired_at()),
            settled: key.is_settled(),
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
            // We never choose an id or make a key twice, so what stood in the way is another active or standby key.
            Err(WriteError::Taken(_)) if key.origin == Origin::Made => return Err(WriteError::Stale),
            other => other?,
        }
        Ok(self.created(Noun::Key, &key.id).await?)
    }

    async fn update(&self, key: &Key) -> Result<(), WriteError> {
        let row = Model::of(self.tenant(), key);
        let row = ActiveModel {
            private_key: Set(row.private_key),
            state: Set(row.state),
            announced_at: Set(row.announced_at),
            activated_at: Set(row.activated_at),
            deactivated_at: Set(row.deactivated_at),
            life: Set(row.life),
            promised_until: Set(row.promised_until),
            retire_at: Set(row.retire_at),
            retired_at: Set(row.retired_at),
            settled: Set(row.settled),
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
