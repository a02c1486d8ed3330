//! The wishes of devices: found by either code, moved by guarded statements.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    device::{Approval, DeviceAuthorization, DeviceState},
    fault::{Fault, WriteError},
    id::{ClientUid, GrantId, SessionId, UserId},
    ports::devices::{DeviceReads, Devices},
    scope::ScopeSet,
    secret::Digest,
    time::Timestamp,
};
use sea_orm::{PaginatorTrait, entity::prelude::*};

use crate::{
    fault::fault,
    grants::{named, resources_of},
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "device_authorizations";

/// The state of a wish that somebody allowed.
pub(crate) const APPROVED: &str = "approved";

const ASK: &str = "UPDATE device_authorizations SET asked_at = $3
     WHERE tenant_id = $1 AND digest = $2 AND (asked_at IS NULL OR asked_at + interval_millis <= $3)";

const SLOW_DOWN: &str = "UPDATE device_authorizations SET asked_at = $3, interval_millis = interval_millis + $4
     WHERE tenant_id = $1 AND digest = $2";

const APPROVE: &str = "UPDATE device_authorizations
       SET state = 'approved', grant_id = $4, user_id = $5, session_id = $6, authenticated_at = $7, amr = $8
     WHERE tenant_id = $1 AND digest = $2 AND state = 'pending' AND expires_at > $3";

const DENY: &str = "UPDATE device_authorizations SET state = 'denied'
     WHERE tenant_id = $1 AND digest = $2 AND state = 'pending' AND expires_at > $3";

const REDEEM: &str = "UPDATE device_authorizations SET state = 'redeemed'
     WHERE tenant_id = $1 AND digest = $2 AND state = 'approved' AND expires_at > $3";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_authorizations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) user_code: Vec<u8>,
    pub(crate) client_uid: Uuid,
    pub(crate) scopes: String,
    pub(crate) resources: Option<String>,
    pub(crate) place: String,
    pub(crate) interval_millis: i64,
    pub(crate) asked_at: Option<i64>,
    pub(crate) state: String,
    pub(crate) grant_id: Option<Uuid>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) authenticated_at: Option<i64>,
    pub(crate) amr: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

fenced!();

impl Model {
    fn thing(self) -> Result<DeviceAuthorization, Fault> {
        // The row is named by its client: the digests stay where they are.
        let row = Reading::row(TABLE, self.tenant_id, &self.client_uid);
        Ok(DeviceAuthorization {
            digest: row.digest("digest", &self.digest)?,
            user_code: row.digest("user_code", &self.user_code)?,
            state: self.state(&row)?,
            client: ClientUid::from_uuid(self.client_uid),
            scopes: ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?,
            resources: resources_of(&row, self.resources.as_deref())?,
            place: self.place.parse().map_err(|_| row.wrong("place"))?,
            interval: Duration::from_millis(u64::try_from(self.interval_millis).unwrap_or_default()),
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
        })
    }

    fn state(&self, row: &Reading) -> Result<DeviceState, Fault> {
        Ok(match self.state.as_str() {
            "pending" => DeviceState::Pending,
            "denied" => DeviceState::Denied,
            "redeemed" => DeviceState::Redeemed,
            APPROVED => DeviceState::Approved(Approval {
                grant: self.grant_id.map(GrantId::from_uuid).ok_or_else(|| row.wrong("grant_id"))?,
                user: self.user_id.map(UserId::from_uuid).ok_or_else(|| row.wrong("user_id"))?,
                session: self.session_id.map(SessionId::from_uuid).ok_or_else(|| row.wrong("session_id"))?,
                authenticated_at: self.authenticated_at.map(time).ok_or_else(|| row.wrong("authenticated_at"))?,
                amr: row.json("amr", self.amr.as_deref().unwrap_or_default())?,
            }),
            _ => return Err(row.wrong("state")),
        })
    }

    /// The row of a wish that nobody has decided.
    fn of(tenant: Uuid, wish: &DeviceAuthorization) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            digest: wish.digest.bytes().to_vec(),
            user_code: wish.user_code.bytes().to_vec(),
            client_uid: wish.client.uuid(),
            scopes: wish.scopes.to_string(),
            resources: named(&wish.resources)?,
            place: wish.place.to_string(),
            interval_millis: millis(wish.interval),
            asked_at: None,
            state: DeviceState::Pending.label().to_owned(),
            grant_id: None,
            user_id: None,
            session_id: None,
            authenticated_at: None,
            amr: None,
            created_at: wish.created_at.millis(),
            expires_at: wish.expires_at.millis(),
        })
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[async_trait]
impl<L: Line> DeviceReads for Rows<L> {
    async fn find(&self, digest: &Digest) -> Result<Option<DeviceAuthorization>, Fault> {
        let select = self.select::<Entity>().filter(Column::Digest.eq(digest.bytes().to_vec()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn find_by_user_code(&self, user_code: &Digest) -> Result<Option<DeviceAuthorization>, Fault> {
        let select = self.select::<Entity>().filter(Column::UserCode.eq(user_code.bytes().to_vec()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn waiting(&self, now: Timestamp) -> Result<u64, Fault> {
        let select = self.select::<Entity>().filter(Column::State.eq(DeviceState::Pending.label()));
        select.filter(Column::ExpiresAt.gt(now.millis())).count(&self.line().db()).await.map_err(fault)
    }
}

#[async_trait]
impl<L: WriteLine> Devices for Rows<L> {
    async fn insert(&self, wish: &DeviceAuthorization) -> Result<(), WriteError> {
        self.insert_row(Noun::Grant, Model::of(self.tenant(), wish)?).await
    }

    async fn ask(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let digest = digest.bytes().to_vec();
        let ask = self.statement(ASK, [digest.clone().into(), now.millis().into()]);
        if self.execute(ask).await.map_err(unguarded)? == 1 {
            return Ok(true);
        }
        let longer = millis(DeviceAuthorization::SLOW_DOWN);
        let slow_down = self.statement(SLOW_DOWN, [digest.into(), now.millis().into(), longer.into()]);
        self.execute(slow_down).await.map(|_| false).map_err(unguarded)
    }

    async fn approve(&self, digest: &Digest, approval: &Approval, now: Timestamp) -> Result<bool, Fault> {
        let values = [
            digest.bytes().to_vec().into(),
            now.millis().into(),
            approval.grant.uuid().into(),
            approval.user.uuid().into(),
            approval.session.uuid().into(),
            approval.authenticated_at.millis().into(),
            to_json(&approval.amr)?.into(),
        ];
        self.execute(self.statement(APPROVE, values)).await.map(|rows| rows == 1).map_err(unguarded)
    }

    async fn deny(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let statement = self.statement(DENY, [digest.bytes().to_vec().into(), now.millis().into()]);
        self.execute(statement).await.map(|rows| rows == 1).map_err(unguarded)
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let statement = self.statement(REDEEM, [digest.bytes().to_vec().into(), now.millis().into()]);
        self.execute(statement).await.map(|rows| rows == 1).map_err(unguarded)
    }
}
