//! Claim mappings. One that is for a client goes with that client.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    claim_mapping::{ClaimMapping, MappedClient},
    fault::{Fault, WriteError},
    id::{ClaimMappingSlug, ClientUid},
    ports::claim_mappings::{ClaimMappingReads, ClaimMappings},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced},
};

const TABLE: &str = "claim_mappings";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim_mappings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) slug: String,
    pub(crate) claim: String,
    pub(crate) source: String,
    pub(crate) targets: String,
    pub(crate) scope: Option<String>,
    pub(crate) client_uid: Option<Uuid>,
    pub(crate) client_id: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<ClaimMapping, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.slug);
        let client = match (self.client_uid, self.client_id) {
            (None, None) => None,
            (Some(uid), Some(id)) => {
                Some(MappedClient { uid: ClientUid::from_uuid(uid), id: row.parse("client_id", &id)? })
            }
            (Some(_), None) | (None, Some(_)) => return Err(row.wrong("client_id")),
        };
        Ok(ClaimMapping {
            slug: row.parse("slug", &self.slug)?,
            claim: row.parse("claim", &self.claim)?,
            source: row.json("source", &self.source)?,
            targets: row.json("targets", &self.targets)?,
            scope: self.scope.map(|scope| row.parse("scope", &scope)).transpose()?,
            client,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }

    fn of(tenant: Uuid, mapping: &ClaimMapping) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            slug: mapping.slug.to_string(),
            claim: mapping.claim.to_string(),
            source: to_json(&mapping.source)?,
            targets: to_json(&mapping.targets)?,
            scope: mapping.scope.as_ref().map(ToString::to_string),
            client_uid: mapping.client.as_ref().map(|client| client.uid.uuid()),
            client_id: mapping.client.as_ref().map(|client| client.id.to_string()),
            version: mapping.version.number(),
            created_at: mapping.created_at.millis(),
            updated_at: mapping.updated_at.millis(),
        })
    }
}

#[async_trait]
impl<L: Line> ClaimMappingReads for Rows<L> {
    async fn find(&self, slug: &ClaimMappingSlug) -> Result<Option<ClaimMapping>, Fault> {
        let select = self.select::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn all(&self) -> Result<Vec<ClaimMapping>, Fault> {
        let rows = self.all_rows(self.select::<Entity>().order_by_asc(Column::Slug)).await?;
        rows.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> ClaimMappings for Rows<L> {
    async fn insert(&self, mapping: &ClaimMapping) -> Result<(), WriteError> {
        self.insert_row(Noun::ClaimMapping, Model::of(self.tenant(), mapping)?).await?;
        Ok(self.created(Noun::ClaimMapping, &mapping.slug).await?)
    }

    async fn update(&self, mapping: &ClaimMapping, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(self.tenant(), mapping)?;
        let row = ActiveModel {
            claim: Set(row.claim),
            source: Set(row.source),
            targets: Set(row.targets),
            scope: Set(row.scope),
            client_uid: Set(row.client_uid),
            client_id: Set(row.client_id),
            version: Set(mapping.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Slug.eq(mapping.slug.as_str()));
        let update = update.filter(Column::Version.eq(mapping.version.number()));
        let version = self.run_guarded(update, mapping.version).await?;
        self.changed(Noun::ClaimMapping, &mapping.slug).await?;
        Ok(version)
    }

    async fn delete(&self, slug: &ClaimMappingSlug, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::ClaimMapping, slug).await?)
    }
}
