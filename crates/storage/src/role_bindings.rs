//! Who has which role.

use async_trait::async_trait;
use chancery_domain::{
    admin_key::AdminReach,
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::{RoleBindingId, RoleId, TenantId},
    page::Page,
    permission::PermissionSet,
    ports::roles::{RoleBindingReads, RoleBindings},
    principal::Principal,
    query::Query,
    role::BuiltInRole,
    role_binding::{BoundRole, Given, RoleBinding, RoleBindingField, Unbound},
    time::Timestamp,
};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, FromQueryResult, QueryOrder, QuerySelect, Statement, entity::prelude::*,
};

use crate::{
    admin_keys::tenant_of,
    changes,
    fault::fault,
    line::{Line, WriteLine},
    platform::PlatformRows,
    query::{Listed, asked, id_of},
    roles,
    row::{Reading, time},
    rows::{insert, page_of},
};

const TABLE: &str = "role_bindings";

/// A role of the tenant's own is joined by its inner id.
const GIVEN: &str = "SELECT b.id, b.tenant_id, b.built_in, b.created_at, b.expires_at, r.permissions
     FROM role_bindings b
     LEFT JOIN roles r ON r.tenant_id = b.tenant_id AND r.id = b.custom
     WHERE b.member = $1 AND (b.expires_at IS NULL OR b.expires_at > $2)";

const OWNERS: &str = "SELECT b.id, b.tenant_id, b.built_in, b.custom, b.member, b.created_at, b.expires_at
     FROM role_bindings b
     WHERE b.tenant_id IS NULL AND b.built_in = 'platform.owner' AND (b.expires_at IS NULL OR b.expires_at > $1)
     ORDER BY b.id";

/// The lock of one place, which those wait at who count what it has.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_bindings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) built_in: Option<String>,
    pub(crate) custom: Option<Uuid>,
    pub(crate) member: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn place_of(tenant: Option<Uuid>) -> AdminReach {
    tenant.map_or(AdminReach::Platform, |id| AdminReach::Tenant(TenantId::from_uuid(id)))
}

impl Model {
    fn thing(self) -> Result<RoleBinding, Fault> {
        let row = Reading::platform(TABLE, &self.id);
        let role = match (&self.built_in, self.custom) {
            (Some(id), None) => BoundRole::BuiltIn(row.parse("built_in", id)?),
            (None, Some(id)) => BoundRole::Custom(RoleId::from_uuid(id)),
            (Some(_), Some(_)) | (None, None) => return Err(row.wrong("custom")),
        };
        Ok(RoleBinding {
            id: RoleBindingId::from_uuid(self.id),
            place: place_of(self.tenant_id),
            role,
            member: row.parse("member", &self.member)?,
            created_at: time(self.created_at),
            expires_at: self.expires_at.map(time),
        })
    }

    /// What is told of it once it is gone. Whoever lost a key must be rid of its roles whatever they are, those too that
    /// only a newer version knows.
    fn unbound(self) -> Unbound {
        let role = self.built_in.or_else(|| self.custom.map(|role| role.to_string())).unwrap_or_default();
        let (id, place) = (RoleBindingId::from_uuid(self.id), place_of(self.tenant_id));
        Unbound { id, place, said: format!("{role} for {}", self.member) }
    }

    fn of(binding: &RoleBinding) -> Self {
        let (built_in, custom) = match binding.role {
            BoundRole::BuiltIn(role) => (Some(role.id().to_owned()), None),
            BoundRole::Custom(id) => (None, Some(id.uuid())),
        };
        Self {
            id: binding.id.uuid(),
            tenant_id: tenant_of(binding.place).map(TenantId::uuid),
            built_in,
            custom,
            member: binding.member.to_string(),
            created_at: binding.created_at.millis(),
            expires_at: binding.expires_at.map(Timestamp::millis),
        }
    }
}

#[derive(FromQueryResult)]
struct GivenRow {
    id: Uuid,
    tenant_id: Option<Uuid>,
    built_in: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    permissions: Option<String>,
}

impl GivenRow {
    /// What it gives. A role that this version does not know, because a newer one wrote it, gives nothing here.
    fn thing(self) -> Result<Given, Fault> {
        let row = Reading::platform(TABLE, &self.id);
        let permissions = match (&self.built_in, &self.permissions) {
            (Some(id), _) => id.parse().map_or(PermissionSet::EMPTY, |role: BuiltInRole| role.permissions()),
            (None, permissions) => roles::permissions(&row, row.present("custom", permissions.as_deref())?)?,
        };
        Ok(Given {
            place: place_of(self.tenant_id),
            permissions,
            since: time(self.created_at),
            until: self.expires_at.map(time).into(),
        })
    }
}

impl<L: Line> PlatformRows<L> {
    async fn given(&self, sql: &str, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault> {
        let db = self.line().db();
        let values = [member.to_string().into(), now.millis().into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let rows = GivenRow::find_by_statement(statement).all(&db).await.map_err(fault)?;
        rows.into_iter().map(GivenRow::thing).collect()
    }
}

impl<L: WriteLine> PlatformRows<L> {
    async fn unbind(&self, id: RoleBindingId, place: AdminReach) -> Result<bool, Fault> {
        let done = Entity::delete_by_id(id.uuid()).exec(&self.line().db()).await.map_err(fault)?;
        let deleted = done.rows_affected == 1;
        if deleted {
            let tenant = tenant_of(place);
            changes::append(self.line(), ChangeKind::Deleted, tenant, Noun::RoleBinding, id.to_string()).await?;
        }
        Ok(deleted)
    }

    /// Removes those that ended before that time, at most so many.
    pub(crate) async fn purge_role_bindings(&self, before: Timestamp, batch: u32) -> Result<u64, Fault> {
        let ended = Entity::find().filter(Column::ExpiresAt.lte(before.millis()));
        let ended = ended.order_by_asc(Column::ExpiresAt).limit(u64::from(batch));
        let mut removed = 0;
        for row in ended.all(&self.line().db()).await.map_err(fault)? {
            removed += u64::from(self.unbind(RoleBindingId::from_uuid(row.id), place_of(row.tenant_id)).await?);
        }
        Ok(removed)
    }
}

/// Those of a place. One of a role that only a newer version knows is none here: nobody could tell what it gives.
fn of_place(place: AdminReach) -> Condition {
    let tenant = tenant_of(place).map(TenantId::uuid);
    let known = BuiltInRole::ALL.iter().map(|role| role.id());
    Condition::all()
        .add(tenant.map_or_else(|| Column::TenantId.is_null(), |tenant| Column::TenantId.eq(tenant)))
        .add(Condition::any().add(Column::BuiltIn.is_null()).add(Column::BuiltIn.is_in(known)))
}

/// What the lock of a place is called, apart from all that is locked elsewhere.
fn turnstile(place: AdminReach) -> String {
    tenant_of(place).map_or_else(|| "role_bindings".to_owned(), |tenant| format!("role_bindings {tenant}"))
}

/// The statement, with rows locked until the transaction ends where others could write meanwhile: SQLite has one writer.
fn locking<L: WriteLine>(line: &L, sql: &str, lock: &str) -> String {
    let on_postgres = line.db().get_database_backend() == DbBackend::Postgres;
    if on_postgres { format!("{sql} {lock}") } else { sql.to_owned() }
}

impl Listed for Entity {
    type Field = RoleBindingField;

    fn column(field: RoleBindingField) -> Column {
        match field {
            RoleBindingField::Member => Column::Member,
            RoleBindingField::CreateTime => Column::CreatedAt,
            RoleBindingField::ExpireTime => Column::ExpiresAt,
        }
    }
}

#[async_trait]
impl<L: Line> RoleBindingReads for PlatformRows<L> {
    async fn find(&self, place: AdminReach, id: RoleBindingId) -> Result<Option<RoleBinding>, Fault> {
        let select = Entity::find_by_id(id.uuid()).filter(of_place(place));
        select.one(&self.line().db()).await.map_err(fault)?.map(Model::thing).transpose()
    }

    async fn list(&self, place: AdminReach, query: Query<RoleBindingField>) -> Result<Page<RoleBinding>, Fault> {
        let own = |after: &str| id_of(after, |id: RoleBindingId| id.uuid());
        let select = asked(Entity::find().filter(of_place(place)), &query, &[Column::Id], own)?;
        let rows = select.all(&self.line().db()).await.map_err(fault)?;
        let bindings = rows.into_iter().map(Model::thing).collect::<Result<Vec<_>, _>>()?;
        let position = |binding: &RoleBinding| query.position(|field| binding.field(field), &binding.id.to_string());
        Ok(page_of(&query.page, bindings, position))
    }

    async fn given_to(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault> {
        self.given(GIVEN, member, now).await
    }
}

#[async_trait]
impl<L: WriteLine> RoleBindings for PlatformRows<L> {
    async fn insert(&self, binding: &RoleBinding) -> Result<(), WriteError> {
        // The foreign key tells a role that has gone.
        if !insert(self.line(), Model::of(binding)).await? {
            return Err(WriteError::Taken(Noun::RoleBinding));
        }
        let tenant = tenant_of(binding.place);
        Ok(changes::append(self.line(), ChangeKind::Created, tenant, Noun::RoleBinding, binding.id.to_string()).await?)
    }

    async fn delete(&self, binding: &RoleBinding) -> Result<bool, Fault> {
        self.unbind(binding.id, binding.place).await
    }

    async fn delete_of(&self, member: &Principal) -> Result<Vec<Unbound>, Fault> {
        let theirs = Entity::find().filter(Column::Member.eq(member.to_string())).order_by_asc(Column::Id);
        let mut deleted = Vec::new();
        for row in theirs.all(&self.line().db()).await.map_err(fault)? {
            let unbound = row.unbound();
            if self.unbind(unbound.id, unbound.place).await? {
                deleted.push(unbound);
            }
        }
        Ok(deleted)
    }

    async fn hold(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault> {
        self.given(&locking(self.line(), GIVEN, "FOR SHARE OF b"), member, now).await
    }

    async fn owners(&self, now: Timestamp) -> Result<Vec<RoleBinding>, Fault> {
        let db = self.line().db();
        let sql = locking(self.line(), OWNERS, "FOR UPDATE");
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [now.millis().into()]);
        let rows = Model::find_by_statement(statement).all(&db).await.map_err(fault)?;
        let mut owners = Vec::new();
        for binding in rows.into_iter().map(Model::thing) {
            let binding = binding?;
            if let Principal::ApiKey(id) = &binding.member {
                let key = chancery_domain::ports::platform::AdminKeyReads::find(self, *id).await?;
                if !key.is_some_and(|key| key.is_live(now)) {
                    continue;
                }
            }
            owners.push(binding);
        }
        Ok(owners)
    }

    async fn count(&self, place: AdminReach, now: Timestamp) -> Result<u64, Fault> {
        let db = self.line().db();
        if db.get_database_backend() == DbBackend::Postgres {
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, LOCK, [turnstile(place).into()]);
            db.execute_raw(lock).await.map_err(fault)?;
        }
        let live = Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now.millis()));
        Entity::find().filter(of_place(place)).filter(live).count(&db).await.map_err(fault)
    }

    async fn of_member(&self, place: AdminReach, member: &Principal) -> Result<Vec<RoleBinding>, Fault> {
        let theirs = Entity::find().filter(of_place(place)).filter(Column::Member.eq(member.to_string()));
        let most = u64::try_from(RoleBinding::MOST_OF_MEMBER).unwrap_or(u64::MAX);
        let rows = theirs.order_by_asc(Column::Id).limit(most).all(&self.line().db()).await.map_err(fault)?;
        rows.into_iter().map(Model::thing).collect()
    }

    async fn is_bound(&self, tenant: TenantId, role: RoleId) -> Result<bool, Fault> {
        let select = Entity::find().filter(Column::TenantId.eq(tenant.uuid())).filter(Column::Custom.eq(role.uuid()));
        Ok(select.one(&self.line().db()).await.map_err(fault)?.is_some())
    }
}
