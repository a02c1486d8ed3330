//! Roles that tenants made for themselves.

use async_trait::async_trait;
use chancery_domain::{
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::{RoleId, RoleSlug, TenantId},
    permission::{Permission, PermissionSet},
    ports::roles::{RoleReads, Roles},
    role::Role,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    changes,
    fault::{fault, write_error},
    line::{Line, WriteLine},
    platform::PlatformRows,
    row::{Reading, time, to_json},
    rows::insert,
};

const TABLE: &str = "roles";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) display_name: String,
    pub(crate) permissions: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn thing(self) -> Result<Role, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        Ok(Role {
            id: RoleId::from_uuid(self.id),
            slug: row.parse("slug", &self.slug)?,
            display_name: self.display_name,
            permissions: permissions(&row, &self.permissions)?,
            version: Version::new(self.version),
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

/// Reads a list of codes. One that this version does not know, because a newer one wrote it, allows nothing here.
pub(crate) fn permissions(row: &Reading, text: &str) -> Result<PermissionSet, Fault> {
    let codes: Vec<String> = row.json("permissions", text)?;
    Ok(codes.iter().filter_map(|code| code.parse().ok()).collect())
}

/// A list of codes.
pub(crate) fn to_text(permissions: &PermissionSet) -> Result<String, Fault> {
    to_json(&permissions.iter().map(Permission::code).collect::<Vec<_>>())
}

#[async_trait]
impl<L: Line> RoleReads for PlatformRows<L> {
    async fn find(&self, tenant: TenantId, slug: &RoleSlug) -> Result<Option<Role>, Fault> {
        let select = Entity::find().filter(Column::TenantId.eq(tenant.uuid())).filter(Column::Slug.eq(slug.as_str()));
        select.one(&self.line().db()).await.map_err(fault)?.map(Model::thing).transpose()
    }

    async fn all(&self, tenant: TenantId) -> Result<Vec<Role>, Fault> {
        let select = Entity::find().filter(Column::TenantId.eq(tenant.uuid())).order_by_asc(Column::Slug);
        let rows = select.all(&self.line().db()).await.map_err(fault)?;
        rows.into_iter().map(Model::thing).collect()
    }
}

#[async_trait]
impl<L: WriteLine> Roles for PlatformRows<L> {
    async fn insert(&self, tenant: TenantId, role: &Role) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: tenant.uuid(),
            id: role.id.uuid(),
            slug: role.slug.to_string(),
            display_name: role.display_name.clone(),
            permissions: to_text(&role.permissions)?,
            version: role.version.number(),
            created_at: role.created_at.millis(),
            updated_at: role.updated_at.millis(),
        };
        if !insert(self.line(), row).await? {
            return Err(WriteError::Taken(Noun::Role));
        }
        Ok(changes::append(self.line(), ChangeKind::Created, Some(tenant), Noun::Role, role.id.to_string()).await?)
    }

    async fn update(&self, tenant: TenantId, role: &Role, now: Timestamp) -> Result<Version, WriteError> {
        let row = ActiveModel {
            display_name: Set(role.display_name.clone()),
            permissions: Set(to_text(&role.permissions)?),
            version: Set(role.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = Entity::update_many().set(row).filter(Column::TenantId.eq(tenant.uuid()));
        let update = update.filter(Column::Id.eq(role.id.uuid())).filter(Column::Version.eq(role.version.number()));
        if update.exec(&self.line().db()).await.map_err(write_error)?.rows_affected != 1 {
            return Err(WriteError::Stale);
        }
        changes::append(self.line(), ChangeKind::Updated, Some(tenant), Noun::Role, role.id.to_string()).await?;
        Ok(role.version.next())
    }

    async fn delete(&self, tenant: TenantId, id: RoleId, version: Version) -> Result<(), WriteError> {
        let delete = Entity::delete_many().filter(Column::TenantId.eq(tenant.uuid())).filter(Column::Id.eq(id.uuid()));
        let delete = delete.filter(Column::Version.eq(version.number()));
        if delete.exec(&self.line().db()).await.map_err(write_error)?.rows_affected != 1 {
            return Err(WriteError::Stale);
        }
        Ok(changes::append(self.line(), ChangeKind::Deleted, Some(tenant), Noun::Role, id.to_string()).await?)
    }
}
