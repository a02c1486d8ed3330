//! API keys of administrators.

use async_trait::async_trait;
use chancery_domain::{
    admin_key::{AdminKey, AdminKeyField, AdminReach},
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::{AdminKeyId, TenantId},
    page::Page,
    ports::{
        platform::{AdminKeyReads, AdminKeys},
        roles::RoleBindings,
    },
    principal::Principal,
    query::Query,
    secret::Digest,
    source_range::SourceRange,
    time::Timestamp,
};
use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};

use crate::{
    changes,
    fault::fault,
    line::{Line, WriteLine},
    platform::PlatformRows,
    query::{Listed, asked, id_of},
    row::{Reading, time},
    rows::{insert, page_of},
};

const TABLE: &str = "admin_keys";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) display_name: String,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) source_ranges: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn thing(self) -> Result<AdminKey, Fault> {
        let row = Reading::platform(TABLE, &self.id);
        let ranges = self.source_ranges.as_deref().unwrap_or_default().split_ascii_whitespace();
        Ok(AdminKey {
            id: AdminKeyId::from_uuid(self.id),
            digest: row.digest("digest", &self.digest)?,
            hint: self.hint,
            display_name: self.display_name,
            reach: self.tenant_id.map_or(AdminReach::Platform, |id| AdminReach::Tenant(TenantId::from_uuid(id))),
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
            source_ranges: ranges.map(|range| row.parse("source_ranges", range)).collect::<Result<_, _>>()?,
        })
    }
}

/// The ranges as their column has them: one after the other, with spaces between.
fn written(ranges: &[SourceRange]) -> String {
    ranges.iter().map(SourceRange::to_string).collect::<Vec<_>>().join(" ")
}

/// The tenant of that place, as columns hold it.
pub(crate) const fn tenant_of(reach: AdminReach) -> Option<TenantId> {
    match reach {
        AdminReach::Platform => None,
        AdminReach::Tenant(tenant) => Some(tenant),
    }
}

fn of_reach(reach: AdminReach) -> Condition {
    let tenant = tenant_of(reach).map(TenantId::uuid);
    Condition::all().add(tenant.map_or_else(|| Column::TenantId.is_null(), |tenant| Column::TenantId.eq(tenant)))
}

impl<L: Line> PlatformRows<L> {
    async fn admin_key(&self, select: Select<Entity>) -> Result<Option<AdminKey>, Fault> {
        select.one(&self.line().db()).await.map_err(fault)?.map(Model::thing).transpose()
    }
}

impl<L: WriteLine> PlatformRows<L> {
    /// Removes keys that ended before that time, at most so many, with whatever roles they still have.
    pub(crate) async fn purge_admin_keys(&self, before: Timestamp, batch: u32) -> Result<u64, Fault> {
        let ended = Entity::find().filter(Column::ExpiresAt.lte(before.millis()));
        let ended = ended.order_by_asc(Column::ExpiresAt).limit(u64::from(batch));
        let mut removed = 0;
        for key in ended.all(&self.line().db()).await.map_err(fault)? {
            let id = AdminKeyId::from_uuid(key.id);
            removed += RoleBindings::delete_of(self, &Principal::ApiKey(id)).await?.len() as u64;
            removed += u64::from(AdminKeys::delete(self, id).await?);
        }
        Ok(removed)
    }
}

impl Listed for Entity {
    type Field = AdminKeyField;

    fn column(field: AdminKeyField) -> Column {
        match field {
            AdminKeyField::DisplayName => Column::DisplayName,
            AdminKeyField::CreateTime => Column::CreatedAt,
            AdminKeyField::ExpireTime => Column::ExpiresAt,
        }
    }
}

#[async_trait]
impl<L: Line> AdminKeyReads for PlatformRows<L> {
    async fn find_by_digest(&self, digest: &Digest) -> Result<Option<AdminKey>, Fault> {
        self.admin_key(Entity::find().filter(Column::Digest.eq(digest.bytes().to_vec()))).await
    }

    async fn find(&self, id: AdminKeyId) -> Result<Option<AdminKey>, Fault> {
        self.admin_key(Entity::find_by_id(id.uuid())).await
    }

    async fn list(&self, reach: AdminReach, query: Query<AdminKeyField>) -> Result<Page<AdminKey>, Fault> {
        let own = |after: &str| id_of(after, |id: AdminKeyId| id.uuid());
        let select = asked(Entity::find().filter(of_reach(reach)), &query, &[Column::Id], own)?;
        let rows = select.all(&self.line().db()).await.map_err(fault)?;
        let keys = rows.into_iter().map(Model::thing).collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(&query.page, keys, |key| query.position(|field| key.field(field), &key.id.to_string())))
    }
}

#[async_trait]
impl<L: WriteLine> AdminKeys for PlatformRows<L> {
    async fn insert(&self, key: &AdminKey) -> Result<(), WriteError> {
        let row = Model {
            id: key.id.uuid(),
            digest: key.digest.bytes().to_vec(),
            hint: key.hint.clone(),
            display_name: key.display_name.clone(),
            tenant_id: tenant_of(key.reach).map(TenantId::uuid),
            created_at: key.created_at.millis(),
            expires_at: key.expires_at.millis(),
            source_ranges: (!key.source_ranges.is_empty()).then(|| written(&key.source_ranges)),
        };
        if !insert(self.line(), row).await? {
            return Err(WriteError::Taken(Noun::AdminKey));
        }
        let (tenant, id) = (tenant_of(key.reach), key.id.to_string());
        Ok(changes::append(self.line(), ChangeKind::Created, tenant, Noun::AdminKey, id).await?)
    }

    async fn count(&self, reach: AdminReach, now: Timestamp) -> Result<u64, Fault> {
        let live = Entity::find().filter(of_reach(reach)).filter(Column::ExpiresAt.gt(now.millis()));
        live.count(&self.line().db()).await.map_err(fault)
    }

    async fn delete(&self, id: AdminKeyId) -> Result<bool, Fault> {
        let Some(key) = AdminKeyReads::find(self, id).await? else { return Ok(false) };
        let done = Entity::delete_by_id(id.uuid()).exec(&self.line().db()).await.map_err(fault)?;
        let deleted = done.rows_affected == 1;
        if deleted {
            let (tenant, id) = (tenant_of(key.reach), id.to_string());
            changes::append(self.line(), ChangeKind::Deleted, tenant, Noun::AdminKey, id).await?;
        }
        Ok(deleted)
    }
}
