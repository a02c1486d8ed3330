//! Resources, and which scopes belong to them: a table of its own, whose key sees to it that a scope has one owner.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ResourceSlug,
    ports::resources::{ResourceReads, Resources},
    resource::Resource,
    scope::ScopeSet,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, fenced},
};

mod scopes;

const TABLE: &str = "resources";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resources")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) slug: String,
    pub(crate) identifier: String,
    pub(crate) display_name: String,
    pub(crate) access_token_ttl: Option<i64>,
    pub(crate) signing_algorithm: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

impl Model {
    fn thing(self, scopes: ScopeSet) -> Result<Resource, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.slug);
        let ttl = self.access_token_ttl.map(u64::try_from).transpose().map_err(|_| row.wrong("access_token_ttl"))?;
        let algorithm = self.signing_algorithm.as_deref();
        Ok(Resource {
            slug: row.parse("slug", &self.slug)?,
            identifier: row.parse("identifier", &self.identifier)?,
            display_name: self.display_name,
            scopes,
            access_token_ttl: ttl.map(Duration::from_secs),
            signing_algorithm: algorithm.map(|name| row.parse("signing_algorithm", name)).transpose()?,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }

    fn of(tenant: Uuid, resource: &Resource) -> Self {
        Self {
            tenant_id: tenant,
            slug: resource.slug.to_string(),
            identifier: resource.identifier.to_string(),
            display_name: resource.display_name.clone(),
            access_token_ttl: resource.access_token_ttl.map(seconds),
            signing_algorithm: resource.signing_algorithm.map(|algorithm| algorithm.to_string()),
            version: resource.version.number(),
            created_at: resource.created_at.millis(),
            updated_at: resource.updated_at.millis(),
        }
    }
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

#[async_trait]
impl<L: Line> ResourceReads for Rows<L> {
    async fn find(&self, slug: &ResourceSlug) -> Result<Option<Resource>, Fault> {
        let select = self.select::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        let Some(row) = self.one(select).await? else { return Ok(None) };
        let scopes = self.scopes_of(Some(slug)).await?.remove(&row.slug);
        row.thing(scopes.unwrap_or_default()).map(Some)
    }

    async fn all(&self) -> Result<Vec<Resource>, Fault> {
        let rows = self.all_rows(self.select::<Entity>().order_by_asc(Column::Slug)).await?;
        // Most tenants have none, and their views are built often.
        let mut scopes = if rows.is_empty() { HashMap::new() } else { self.scopes_of(None).await? };
        let thing = |row: Model| {
            let scopes = scopes.remove(&row.slug).unwrap_or_default();
            row.thing(scopes)
        };
        rows.into_iter().map(thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> Resources for Rows<L> {
    async fn insert(&self, resource: &Resource) -> Result<(), WriteError> {
        self.insert_row(Noun::Resource, Model::of(self.tenant(), resource)).await?;
        self.give_scopes(resource).await?;
        Ok(self.created(Noun::Resource, &resource.slug).await?)
    }

    async fn update(&self, resource: &Resource, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(self.tenant(), resource);
        let row = ActiveModel {
            display_name: Set(row.display_name),
            access_token_ttl: Set(row.access_token_ttl),
            signing_algorithm: Set(row.signing_algorithm),
            version: Set(resource.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Slug.eq(resource.slug.as_str()));
        let update = update.filter(Column::Version.eq(resource.version.number()));
        let version = self.run_guarded(update, resource.version).await?;
        self.take_scopes(&resource.slug).await?;
        self.give_scopes(resource).await?;
        self.changed(Noun::Resource, &resource.slug).await?;
        Ok(version)
    }

    async fn delete(&self, slug: &ResourceSlug, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::Resource, slug).await?)
    }
}
