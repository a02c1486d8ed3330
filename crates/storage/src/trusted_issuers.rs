//! Trusted issuers, and what of theirs was taken: whoever inserts an assertion was the first to use it.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::TrustedIssuerSlug,
    ports::trusted_issuers::{TrustedIssuerReads, TrustedIssuers},
    scope::ScopeSet,
    secret::Digest,
    time::Timestamp,
    trusted_issuer::{SubjectMapping, TrustedIssuer},
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "trusted_issuers";

const SPEND: &str = "INSERT INTO trusted_assertions (tenant_id, slug, digest, expires_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trusted_issuers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) slug: String,
    pub(crate) issuer: String,
    pub(crate) keys: String,
    pub(crate) algorithms: String,
    pub(crate) mapping: String,
    pub(crate) subjects: String,
    pub(crate) clients: String,
    pub(crate) scopes: String,
    pub(crate) disabled: bool,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<TrustedIssuer, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.slug);
        Ok(TrustedIssuer {
            slug: row.parse("slug", &self.slug)?,
            issuer: row.parse("issuer", &self.issuer)?,
            keys: row.json("keys", &self.keys)?,
            algorithms: row.json("algorithms", &self.algorithms)?,
            mapping: row.label("mapping", &self.mapping, &SubjectMapping::ALL, SubjectMapping::label)?,
            subjects: row.json("subjects", &self.subjects)?,
            clients: row.json("clients", &self.clients)?,
            scopes: ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?,
            disabled: self.disabled,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }

    fn of(tenant: Uuid, issuer: &TrustedIssuer) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            slug: issuer.slug.to_string(),
            issuer: issuer.issuer.to_string(),
            keys: to_json(&issuer.keys)?,
            algorithms: to_json(&issuer.algorithms)?,
            mapping: issuer.mapping.label().to_owned(),
            subjects: to_json(&issuer.subjects)?,
            clients: to_json(&issuer.clients)?,
            scopes: issuer.scopes.to_string(),
            disabled: issuer.disabled,
            version: issuer.version.number(),
            created_at: issuer.created_at.millis(),
            updated_at: issuer.updated_at.millis(),
        })
    }
}

#[async_trait]
impl<L: Line> TrustedIssuerReads for Rows<L> {
    async fn find(&self, slug: &TrustedIssuerSlug) -> Result<Option<TrustedIssuer>, Fault> {
        let select = self.select::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn find_by_issuer(&self, issuer: &str) -> Result<Option<TrustedIssuer>, Fault> {
        let select = self.select::<Entity>().filter(Column::Issuer.eq(issuer));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn all(&self) -> Result<Vec<TrustedIssuer>, Fault> {
        let rows = self.all_rows(self.select::<Entity>().order_by_asc(Column::Slug)).await?;
        rows.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> TrustedIssuers for Rows<L> {
    async fn insert(&self, issuer: &TrustedIssuer) -> Result<(), WriteError> {
        self.insert_row(Noun::TrustedIssuer, Model::of(self.tenant(), issuer)?).await?;
        Ok(self.created(Noun::TrustedIssuer, &issuer.slug).await?)
    }

    async fn update(&self, issuer: &TrustedIssuer, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(self.tenant(), issuer)?;
        let row = ActiveModel {
            keys: Set(row.keys),
            algorithms: Set(row.algorithms),
            mapping: Set(row.mapping),
            subjects: Set(row.subjects),
            clients: Set(row.clients),
            scopes: Set(row.scopes),
            disabled: Set(row.disabled),
            version: Set(issuer.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Slug.eq(issuer.slug.as_str()));
        let update = update.filter(Column::Version.eq(issuer.version.number()));
        let version = self.run_guarded(update, issuer.version).await?;
        self.changed(Noun::TrustedIssuer, &issuer.slug).await?;
        Ok(version)
    }

    async fn delete(&self, slug: &TrustedIssuerSlug, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Slug.eq(slug.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::TrustedIssuer, slug).await?)
    }

    async fn spend(&self, slug: &TrustedIssuerSlug, assertion: &Digest, until: Timestamp) -> Result<bool, Fault> {
        let values = [slug.as_str().into(), assertion.bytes().to_vec().into(), until.millis().into()];
        self.execute(self.statement(SPEND, values)).await.map(|rows| rows == 1).map_err(unguarded)
    }
}
