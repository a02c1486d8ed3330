//! Token secrets. Each has one of two places, and a partial index sees to it that one is active at most, so the active
//! one steps down before another takes its place.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::TokenSecretId,
    ports::token_secrets::{TokenSecretReads, TokenSecrets},
    secret::SealedSecret,
    time::Timestamp,
    token_secret::{TokenSecret, TokenSecretState},
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "token_secrets";

/// The places that there are.
const PLACES: [i64; TokenSecret::MOST] = [1, 2];

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_secrets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) place: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) state: String,
    pub(crate) activated_at: Option<i64>,
    pub(crate) retired_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<TokenSecret, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let state = match self.state.as_str() {
            "waiting" => TokenSecretState::Waiting,
            "active" => {
                TokenSecretState::Active { activated_at: time(row.present("activated_at", self.activated_at)?) }
            }
            "retired" => TokenSecretState::Retired { retired_at: time(row.present("retired_at", self.retired_at)?) },
            _ => return Err(row.wrong("state")),
        };
        let (id, sealed) = (TokenSecretId::from_uuid(self.id), SealedSecret(self.sealed));
        let secret = TokenSecret::new(id, sealed, self.hint, &[], time(self.created_at));
        Ok(secret.stored_as(state, Version::new(self.version)))
    }
}

/// When it became active and when it stepped down, of which a state tells one at most.
fn moments(state: TokenSecretState) -> (Option<i64>, Option<i64>) {
    match state {
        TokenSecretState::Waiting => (None, None),
        TokenSecretState::Active { activated_at } => (Some(activated_at.millis()), None),
        TokenSecretState::Retired { retired_at } => (None, Some(retired_at.millis())),
    }
}

#[async_trait]
impl<L: Line> TokenSecretReads for Rows<L> {
    async fn all(&self) -> Result<Vec<TokenSecret>, Fault> {
        let select = self.select::<Entity>().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        self.all_rows(select).await?.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> TokenSecrets for Rows<L> {
    async fn insert(&self, secret: &TokenSecret) -> Result<(), WriteError> {
        let taken: Vec<i64> = self.all_rows(self.select::<Entity>()).await?.iter().map(|row| row.place).collect();
        let place = PLACES.into_iter().find(|place| !taken.contains(place)).ok_or(WriteError::Stale)?;
        let (activated_at, retired_at) = moments(secret.state());
        let row = Model {
            tenant_id: self.tenant(),
            id: secret.id.uuid(),
            place,
            sealed: secret.sealed.0.clone(),
            hint: secret.hint.clone(),
            state: secret.state().label().to_owned(),
            activated_at,
            retired_at,
            version: secret.version.number(),
            created_at: Timestamp::millis(secret.created_at),
        };
        match self.insert_row(Noun::TokenSecret, row).await {
            // Ids are never chosen twice, so what stood in the way is another one in this place, or an active one.
            Err(WriteError::Taken(_)) => return Err(WriteError::Stale),
            other => other?,
        }
        Ok(self.created(Noun::TokenSecret, &secret.id).await?)
    }

    async fn update(&self, secret: &TokenSecret) -> Result<Version, WriteError> {
        let (activated_at, retired_at) = moments(secret.state());
        let row = ActiveModel {
            state: Set(secret.state().label().to_owned()),
            activated_at: Set(activated_at),
            retired_at: Set(retired_at),
            version: Set(secret.version.next().number()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Id.eq(secret.id.uuid()));
        let update = update.filter(Column::Version.eq(secret.version.number()));
        let version = self.run_guarded(update, secret.version).await?;
        self.changed(Noun::TokenSecret, &secret.id).await?;
        Ok(version)
    }

    async fn delete(&self, id: TokenSecretId, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Id.eq(id.uuid()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::TokenSecret, &id).await?)
    }
}
