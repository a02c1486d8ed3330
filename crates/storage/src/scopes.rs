//! Scopes of a tenant's own.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ScopeSlug,
    ports::store::{ScopeReads, Scopes},
    scope::Scope,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced},
};

const TABLE: &str = "scopes";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scopes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) slug: String,
    pub(crate) value: String,
    pub(crate) description: String,
    pub(crate) claims: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Scope, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.slug);
        Ok(Scope {
            slug: row.parse("slug", &self.slug)?,
            value: row.parse("value", &self.value)?,
            description: self.description,
            claims: row.json("claims", &self.claims)?,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }

    fn of(tenant: Uuid, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            slug: scope.slug.to_string(),
            value: scope.value.to_string(),
            description: scope.description.clone(),
            claims: to_json(&scope.claims)?,
            version: scope.version.number(),
            created_at: scope.created_at.millis(),
            updated_at: scope.updated_at.millis(),
        })
    }
}

#[async_trait]
impl<L: Line> ScopeReads for Rows<L> {
    async fn find(&self, slug: &ScopeSlug) -> Result<Option<Scope>, Fault> {
        let select = self.select::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn all(&self) -> Result<Vec<Scope>, Fault> {
        let rows = self.all_rows(self.select::<Entity>().order_by_asc(Column::Slug)).await?;
        rows.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> Scopes for Rows<L> {
    async fn insert(&self, scope: &Scope) -> Result<(), WriteError> {
        self.insert_row(Noun::Scope, Model::of(self.tenant(), scope)?).await?;
        Ok(self.created(Noun::Scope, &scope.slug).await?)
    }

    async fn update(&self, scope: &Scope, now: Timestamp) -> Result<Version, WriteError> {
        let row = ActiveModel {
            description: Set(scope.description.clone()),
            claims: Set(to_json(&scope.claims)?),
            version: Set(scope.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Slug.eq(scope.slug.as_str()));
        let update = update.filter(Column::Version.eq(scope.version.number()));
        let version = self.run_guarded(update, scope.version).await?;
        self.changed(Noun::Scope, &scope.slug).await?;
        Ok(version)
    }

    async fn delete(&self, slug: &ScopeSlug, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::Scope, slug).await?)
    }
}
