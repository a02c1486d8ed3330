//! A tenant's key policy, the time at which its keys want to be looked at, and its own sealed key.

use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    key_policy::KeyPolicy,
    ports::store::SealedKek,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, Statement, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    rewrap,
    row::{Reading, to_json},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "key_policies";

/// Tenants that are deleted refuse everything; when one is brought back its keys are due at once.
const DUE: &str = "SELECT p.tenant_id FROM key_policies p JOIN tenants t ON t.id = p.tenant_id
      WHERE p.due_at <= $1 AND t.state <> 'deleted' ORDER BY p.due_at LIMIT $2";

const KEK: &str = "SELECT master_key, sealed FROM tenant_keks WHERE tenant_id = $1";

const INSERT_KEK: &str =
    "INSERT INTO tenant_keks (tenant_id, master_key, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_policies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) policy: String,
    pub(crate) due_at: i64,
    pub(crate) version: i64,
    pub(crate) updated_at: i64,
}

fenced!();

#[derive(FromQueryResult)]
struct Kek {
    master_key: String,
    sealed: Vec<u8>,
}

#[derive(FromQueryResult)]
struct Due {
    tenant_id: Uuid,
}

/// Tenants whose keys want to be looked at, the longest waiting first.
pub(crate) async fn due<L: Line>(line: &L, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
    let db = line.db();
    let values = [now.millis().into(), i64::from(limit).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), DUE, values);
    let rows = Due::find_by_statement(statement).all(&db).await.map_err(fault)?;
    Ok(rows.into_iter().map(|row| TenantId::from_uuid(row.tenant_id)).collect())
}

impl<L: Line> Rows<L> {
    pub(super) async fn key_policy(&self) -> Result<KeyPolicy, Fault> {
        let row = self.one(self.select::<Entity>()).await?;
        let row = row.ok_or_else(|| Fault::bug("a tenant without a key policy"))?;
        let policy: KeyPolicy = Reading::platform(TABLE, &row.tenant_id).json("policy", &row.policy)?;
        Ok(KeyPolicy { version: Version::new(row.version), ..policy })
    }

    pub(super) async fn sealed_kek(&self) -> Result<SealedKek, Fault> {
        let kek = Kek::find_by_statement(self.statement(KEK, [])).one(&self.line().db()).await.map_err(fault)?;
        let kek = kek.ok_or_else(|| Fault::bug("a tenant without a key of its own"))?;
        let master_key = Reading::platform("tenant_keks", &self.tenant()).parse("master_key", &kek.master_key)?;
        Ok(SealedKek { master_key, sealed: kek.sealed })
    }
}

impl<L: WriteLine> Rows<L> {
    /// The first policy, or the next one in place of the version that was read. Either is due to be looked at.
    pub(super) async fn put_key_policy(&self, policy: &KeyPolicy, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            policy: to_json(policy)?,
            due_at: now.millis(),
            version: Version::FIRST.number(),
            updated_at: now.millis(),
        };
        let next = ActiveModel {
            policy: Set(row.policy.clone()),
            due_at: Set(row.due_at),
            version: Set(policy.version.next().number()),
            updated_at: Set(row.updated_at),
            ..Default::default()
        };
        match self.insert_row(Noun::KeyPolicy, row).await {
            Ok(()) => Ok(Version::FIRST),
            Err(WriteError::Taken(_)) => {
                let update = self.update_to(next).filter(Column::Version.eq(policy.version.number()));
                self.run_guarded(update, policy.version).await
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn schedule_keys(&self, due: Timestamp) -> Result<(), Fault> {
        let row = ActiveModel { due_at: Set(due.millis()), ..Default::default() };
        self.run(self.update_to(row)).await.map(drop).map_err(unguarded)
    }

    pub(super) async fn insert_sealed_kek(&self, kek: &SealedKek) -> Result<(), WriteError> {
        if !rewrap::is_in_use(self.line(), &kek.master_key).await? {
            return Err(WriteError::Stale);
        }
        let values = [kek.master_key.as_str().into(), kek.sealed.clone().into()];
        match self.execute(self.statement(INSERT_KEK, values)).await? {
            1 => Ok(()),
            _ => Err(WriteError::Taken(Noun::Tenant)),
        }
    }
}
