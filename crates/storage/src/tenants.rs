//! Tenants.

use async_trait::async_trait;
use chancery_domain::{
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::{TenantId, TenantSlug},
    issuer::IssuerHost,
    page::Page,
    ports::platform::{TenantReads, Tenants},
    profile::Profile,
    query::Query,
    tenant::{Tenant, TenantField, TenantParts, TenantState},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::{
    changes,
    fault::{fault, is_taken, write_error},
    line::{Line, WriteLine},
    platform::PlatformRows,
    query::{Listed, asked},
    row::{Reading, time, to_json},
    rows::{insert, page_of},
};

const TABLE: &str = "tenants";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) display_name: String,
    pub(crate) profile: String,
    pub(crate) state: String,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) purge_at: Option<i64>,
    pub(crate) settings: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) issuer_host: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn thing(self) -> Result<Tenant, Fault> {
        let row = Reading::platform(TABLE, &self.id);
        let state = match self.state.as_str() {
            "active" => TenantState::Active,
            "suspended" => TenantState::Suspended,
            "deleted" => TenantState::Deleted {
                at: time(row.present("deleted_at", self.deleted_at)?),
                purge_at: time(row.present("purge_at", self.purge_at)?),
            },
            _ => return Err(row.wrong("state")),
        };
        Ok(Tenant::from_parts(TenantParts {
            id: TenantId::from_uuid(self.id),
            slug: row.parse("slug", &self.slug)?,
            display_name: self.display_name,
            profile: row.label("profile", &self.profile, &Profile::ALL, Profile::label)?,
            issuer_host: self.issuer_host.as_deref().map(|host| row.parse("issuer_host", host)).transpose()?,
            state,
            settings: row.json("settings", &self.settings)?,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        }))
    }

    fn of(tenant: &Tenant) -> Result<Self, Fault> {
        let (deleted_at, purge_at) = match tenant.state() {
            TenantState::Active | TenantState::Suspended => (None, None),
            TenantState::Deleted { at, purge_at } => (Some(at.millis()), Some(purge_at.millis())),
        };
        Ok(Self {
            id: tenant.id.uuid(),
            slug: tenant.slug.to_string(),
            display_name: tenant.display_name.clone(),
            profile: tenant.profile.label().to_owned(),
            state: tenant.state().label().to_owned(),
            deleted_at,
            purge_at,
            settings: to_json(&tenant.settings)?,
            version: tenant.version.number(),
            created_at: tenant.created_at.millis(),
            updated_at: tenant.updated_at.millis(),
            issuer_host: tenant.issuer_host.as_ref().map(ToString::to_string),
        })
    }
}

impl<L: Line> PlatformRows<L> {
    async fn tenant(&self, select: Select<Entity>) -> Result<Option<Tenant>, Fault> {
        select.one(&self.line().db()).await.map_err(fault)?.map(Model::thing).transpose()
    }
}

impl Listed for Entity {
    type Field = TenantField;

    fn column(field: TenantField) -> Column {
        match field {
            TenantField::DisplayName => Column::DisplayName,
            TenantField::Profile => Column::Profile,
            TenantField::State => Column::State,
            TenantField::CreateTime => Column::CreatedAt,
            TenantField::UpdateTime => Column::UpdatedAt,
        }
    }
}

#[async_trait]
impl<L: Line> TenantReads for PlatformRows<L> {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, Fault> {
        self.tenant(Entity::find_by_id(id.uuid())).await
    }

    async fn find_by_slug(&self, slug: &TenantSlug) -> Result<Option<Tenant>, Fault> {
        self.tenant(Entity::find().filter(Column::Slug.eq(slug.as_str()))).await
    }

    async fn find_by_host(&self, host: &IssuerHost) -> Result<Option<Tenant>, Fault> {
        self.tenant(Entity::find().filter(Column::IssuerHost.eq(host.as_str()))).await
    }

    async fn list(&self, query: Query<TenantField>, with_deleted: bool) -> Result<Page<Tenant>, Fault> {
        let mut select = asked(Entity::find(), &query, &[Column::Slug], |after| Ok(vec![after.into()]))?;
        if !with_deleted {
            select = select.filter(Column::State.ne("deleted"));
        }
        let rows = select.all(&self.line().db()).await.map_err(fault)?;
        let tenants = rows.into_iter().map(Model::thing).collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(&query.page, tenants, |tenant| query.position(|field| tenant.field(field), tenant.slug.as_str())))
    }
}

#[async_trait]
impl<L: WriteLine> Tenants for PlatformRows<L> {
    async fn insert(&self, tenant: &Tenant) -> Result<(), WriteError> {
        if !insert(self.line(), Model::of(tenant)?).await? {
            return Err(WriteError::Taken(Noun::Tenant));
        }
        let (id, slug) = (Some(tenant.id), tenant.slug.to_string());
        Ok(changes::append(self.line(), ChangeKind::Created, id, Noun::Tenant, slug).await?)
    }

    async fn update(&self, tenant: &Tenant, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(tenant)?;
        let next = tenant.version.next();
        let update = Entity::update_many()
            .set(ActiveModel {
                display_name: Set(row.display_name),
                profile: Set(row.profile),
                state: Set(row.state),
                deleted_at: Set(row.deleted_at),
                purge_at: Set(row.purge_at),
                settings: Set(row.settings),
                version: Set(next.number()),
                updated_at: Set(now.millis()),
                issuer_host: Set(row.issuer_host),
                ..Default::default()
            })
            .filter(Column::Id.eq(row.id))
            .filter(Column::Version.eq(row.version));
        match update.exec(&self.line().db()).await {
            Ok(done) if done.rows_affected == 1 => {}
            Ok(_) => return Err(WriteError::Stale),
            Err(error) if is_taken(&error) => return Err(WriteError::Taken(Noun::Tenant)),
            Err(error) => return Err(write_error(error)),
        }
        let (id, slug) = (Some(tenant.id), tenant.slug.to_string());
        changes::append(self.line(), ChangeKind::Updated, id, Noun::Tenant, slug).await?;
        Ok(next)
    }
}
