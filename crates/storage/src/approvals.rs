//! Calls that wait for a second caller.

use async_trait::async_trait;
use chancery_domain::{
    admin_key::AdminReach,
    approval::{Approval, ApprovalState, Asked, Decision},
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::{ApprovalId, TenantId},
    permission::PermissionSet,
    ports::approvals::{ApprovalReads, Approvals},
    principal::Principal,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    admin_keys::tenant_of,
    changes,
    fault::{fault, write_error},
    line::{Line, WriteLine},
    platform::PlatformRows,
    roles,
    row::{Reading, time},
    rows::insert,
};

const TABLE: &str = "approvals";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approvals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) method: String,
    pub(crate) permission: String,
    pub(crate) gives: Option<String>,
    pub(crate) summary: String,
    pub(crate) request: Vec<u8>,
    pub(crate) asked_by: String,
    pub(crate) state: String,
    pub(crate) decided_by: Option<String>,
    pub(crate) decided_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What the row tells. One of a permission that this version does not know, because a newer one wrote it, is none: no
    /// call here asks for that permission, and nobody here could tell who holds it.
    fn thing(self) -> Result<Option<Approval>, Fault> {
        let row = Reading::platform(TABLE, &self.id);
        let gives = gives(&row, self.gives.as_deref())?;
        let (Ok(permission), Some(gives)) = (self.permission.parse(), gives) else { return Ok(None) };
        let decision = || {
            let by = row.present("decided_by", self.decided_by.as_deref())?;
            let at = row.present("decided_at", self.decided_at)?;
            Ok::<_, Fault>(Decision { by: row.parse("decided_by", by)?, at: time(at) })
        };
        let state = match self.state.as_str() {
            "pending" => ApprovalState::Pending,
            "approved" => ApprovalState::Approved(decision()?),
            "rejected" => ApprovalState::Rejected(decision()?),
            "spent" => ApprovalState::Spent(decision()?),
            _ => return Err(row.wrong("state")),
        };
        let asked = Asked {
            place: self.tenant_id.map_or(AdminReach::Platform, |id| AdminReach::Tenant(TenantId::from_uuid(id))),
            method: self.method,
            permission,
            gives,
            summary: self.summary,
            request: row.digest("request", &self.request)?,
            by: row.parse("asked_by", &self.asked_by)?,
        };
        let approval = Approval::ask(ApprovalId::from_uuid(self.id), asked, time(self.created_at));
        Ok(Some(approval.over_at(time(self.expires_at)).stored_as(state, Version::new(self.version))))
    }
}

/// What the call gives: nothing where an older version wrote the row, and not to be told where one permission of it is
/// known to a newer one only.
fn gives(row: &Reading, text: Option<&str>) -> Result<Option<PermissionSet>, Fault> {
    let codes: Vec<String> = text.map_or_else(|| Ok(Vec::new()), |text| row.json("gives", text))?;
    Ok(codes.iter().map(|code| code.parse().ok()).collect())
}

/// Who decided and when, as columns hold them.
fn decision(approval: &Approval) -> (Option<String>, Option<i64>) {
    let decision = approval.state().decision();
    (decision.map(|decision| decision.by.to_string()), decision.map(|decision| decision.at.millis()))
}

#[async_trait]
impl<L: Line> ApprovalReads for PlatformRows<L> {
    async fn find(&self, id: ApprovalId) -> Result<Option<Approval>, Fault> {
        let found = Entity::find_by_id(id.uuid()).one(&self.line().db()).await;
        found.map_err(fault)?.map_or(Ok(None), Model::thing)
    }

    async fn live(&self, now: Timestamp) -> Result<Vec<Approval>, Fault> {
        self.read_approvals(live(now)).await
    }

    async fn live_of(&self, asked_by: &Principal, now: Timestamp) -> Result<Vec<Approval>, Fault> {
        self.read_approvals(live(now).filter(Column::AskedBy.eq(asked_by.to_string()))).await
    }
}

fn live(now: Timestamp) -> Select<Entity> {
    Entity::find().filter(Column::ExpiresAt.gt(now.millis())).order_by_asc(Column::Id)
}

impl<L: Line> PlatformRows<L> {
    async fn read_approvals(&self, select: Select<Entity>) -> Result<Vec<Approval>, Fault> {
        let rows = select.all(&self.line().db()).await.map_err(fault)?;
        rows.into_iter().filter_map(|row| row.thing().transpose()).collect()
    }
}

#[async_trait]
impl<L: WriteLine> Approvals for PlatformRows<L> {
    async fn insert(&self, approval: &Approval) -> Result<(), WriteError> {
        let (decided_by, decided_at) = decision(approval);
        let row = Model {
            id: approval.id.uuid(),
            tenant_id: tenant_of(approval.place).map(TenantId::uuid),
            method: approval.method.clone(),
            permission: approval.permission.code().to_owned(),
            gives: Some(roles::to_text(&approval.gives)?),
            summary: approval.summary.clone(),
            request: approval.request.bytes().to_vec(),
            asked_by: approval.asked_by.to_string(),
            state: approval.state().label().to_owned(),
            decided_by,
            decided_at,
            version: approval.version.number(),
            created_at: approval.created_at.millis(),
            expires_at: approval.expires_at.millis(),
        };
        if !insert(self.line(), row).await? {
            return Err(WriteError::Taken(Noun::Approval));
        }
        let tenant = tenant_of(approval.place);
        Ok(changes::append(self.line(), ChangeKind::Created, tenant, Noun::Approval, approval.id.to_string()).await?)
    }

    async fn update(&self, approval: &Approval) -> Result<(), WriteError> {
        let (decided_by, decided_at) = decision(approval);
        let row = ActiveModel {
            state: Set(approval.state().label().to_owned()),
            decided_by: Set(decided_by),
            decided_at: Set(decided_at),
            version: Set(approval.version.next().number()),
            ..Default::default()
        };
        let update = Entity::update_many().set(row).filter(Column::Id.eq(approval.id.uuid()));
        let update = update.filter(Column::Version.eq(approval.version.number()));
        if update.exec(&self.line().db()).await.map_err(write_error)?.rows_affected != 1 {
            return Err(WriteError::Stale);
        }
        let tenant = tenant_of(approval.place);
        Ok(changes::append(self.line(), ChangeKind::Updated, tenant, Noun::Approval, approval.id.to_string()).await?)
    }
}
