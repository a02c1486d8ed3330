//! Grants, and single access tokens that were taken back.

mod asked;
mod listing;

pub(crate) use asked::{acr_of, claims_of, claims_text, confirmation_of, confirmation_text};
use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    client::ClientState,
    fault::{Fault, WriteError},
    grant::{Grant, GrantStanding, RevocationReason},
    id::{ClientUid, GrantId, SessionId, UserId},
    ports::store::{GrantReads, Grants},
    resource::ResourceSet,
    scope::ScopeSet,
    tenant::TenantState,
    time::Timestamp,
    token_id::TokenId,
    user::UserState,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, UpdateMany, entity::prelude::*};

use crate::{
    fault::fault,
    known::Denied,
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, unguarded},
    users::state_of,
};

const TABLE: &str = "grants";

const STANDING: &str = "SELECT g.*, u.state AS user_state, c.state AS client_state, t.state AS tenant_state
       FROM grants g
       JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
       JOIN clients c ON c.tenant_id = g.tenant_id AND c.uid = g.client_uid
       JOIN tenants t ON t.id = g.tenant_id
      WHERE g.tenant_id = $1 AND g.id = $2";

const IS_DENIED: &str = "SELECT 1 FROM denied_tokens WHERE tenant_id = $1 AND token_id = $2";

const STANDING_FOR: &str = "SELECT g.*, u.state AS user_state, c.state AS client_state, t.state AS tenant_state
       FROM grants g
       JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
       JOIN clients c ON c.tenant_id = g.tenant_id AND c.uid = g.client_uid
       JOIN tenants t ON t.id = g.tenant_id
      WHERE g.tenant_id = $1 AND g.id = $2
        AND NOT EXISTS (SELECT 1 FROM denied_tokens d WHERE d.tenant_id = $1 AND d.token_id = $3)";

const HOLDS_FOR: &str = "SELECT c.state AS client_state, t.state AS tenant_state FROM clients c
       JOIN tenants t ON t.id = c.tenant_id
      WHERE c.tenant_id = $1 AND c.uid = $2
        AND NOT EXISTS (SELECT 1 FROM denied_tokens d WHERE d.tenant_id = $1 AND d.token_id = $3)";

const DENY: &str = "INSERT INTO denied_tokens (tenant_id, token_id, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) client_uid: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) scopes: String,
    pub(crate) resources: Option<String>,
    pub(crate) offline: bool,
    pub(crate) authenticated_at: i64,
    pub(crate) amr: String,
    pub(crate) acr: Option<String>,
    pub(crate) claims: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) revoked_reason: Option<String>,
}

fenced!();

/// A grant with the states of what it hangs on.
#[derive(FromQueryResult)]
struct Standing {
    #[sea_orm(nested)]
    grant: Model,
    user_state: String,
    client_state: String,
    tenant_state: String,
}

/// The states of what a token without a grant hangs on.
#[derive(FromQueryResult)]
struct OwnStanding {
    client_state: String,
    tenant_state: String,
}

impl Standing {
    fn thing(self) -> Result<GrantStanding, Fault> {
        let user = Reading::row("users", self.grant.tenant_id, &self.grant.user_id);
        let user_enabled = state_of(&user, &self.user_state)? == UserState::Enabled;
        let (client_enabled, tenant_active) = (is_enabled(&self.client_state), is_active(&self.tenant_state));
        Ok(GrantStanding { grant: self.grant.thing()?, user_enabled, client_enabled, tenant_active })
    }
}

/// Whether the column says that a client may do anything.
fn is_enabled(client_state: &str) -> bool {
    client_state == ClientState::Enabled.label()
}

/// Whether the column says that a tenant serves.
fn is_active(tenant_state: &str) -> bool {
    tenant_state == TenantState::Active.label()
}

impl Model {
    fn thing(self) -> Result<Grant, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let revoked = match (self.revoked_at, self.revoked_reason) {
            (None, None) => None,
            (Some(at), Some(reason)) => {
                let all = &RevocationReason::ALL;
                Some((time(at), row.label("revoked_reason", &reason, all, RevocationReason::label)?))
            }
            (Some(_), None) | (None, Some(_)) => return Err(row.wrong("revoked_reason")),
        };
        Ok(Grant {
            id: GrantId::from_uuid(self.id),
            client: ClientUid::from_uuid(self.client_uid),
            user: UserId::from_uuid(self.user_id),
            session: SessionId::from_uuid(self.session_id),
            scopes: ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?,
            resources: resources_of(&row, self.resources.as_deref())?,
            authenticated_at: time(self.authenticated_at),
            amr: row.json("amr", &self.amr)?,
            acr: acr_of(&row, self.acr.as_deref())?,
            claims: claims_of(&row, self.claims.as_deref())?,
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
            revoked,
        })
    }

    fn of(tenant: Uuid, grant: &Grant) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            id: grant.id.uuid(),
            client_uid: grant.client.uuid(),
            user_id: grant.user.uuid(),
            session_id: grant.session.uuid(),
            scopes: grant.scopes.to_string(),
            resources: named(&grant.resources)?,
            offline: grant.is_offline(),
            authenticated_at: grant.authenticated_at.millis(),
            amr: to_json(&grant.amr)?,
            acr: grant.acr.map(|acr| acr.to_string()),
            claims: claims_text(&grant.claims)?,
            created_at: grant.created_at.millis(),
            expires_at: grant.expires_at.millis(),
            revoked_at: grant.revoked.map(|(at, _)| at.millis()),
            revoked_reason: grant.revoked.map(|(_, reason)| reason.label().to_owned()),
        })
    }
}

/// The resources that a request named; nothing is stored where it named none.
pub(crate) fn resources_of(row: &Reading, column: Option<&str>) -> Result<ResourceSet, Fault> {
    column.map_or_else(|| Ok(ResourceSet::default()), |text| row.json("resources", text))
}

/// The column that says so.
pub(crate) fn named(resources: &ResourceSet) -> Result<Option<String>, Fault> {
    if resources.is_empty() { Ok(None) } else { to_json(resources).map(Some) }
}

#[async_trait]
impl<L: Line> GrantReads for Rows<L> {
    async fn standing(&self, id: GrantId) -> Result<Option<GrantStanding>, Fault> {
        let Some(known) = self.line().known() else { return self.read_standing(id).await };
        if let Some(standing) = known.grant(self.tenant_id(), id) {
            return Ok(Some(standing));
        }
        let moment = known.moment();
        let standing = self.read_standing(id).await?;
        if let Some(standing) = &standing {
            known.remember(self.tenant_id(), standing, &moment);
        }
        Ok(standing)
    }

    async fn is_denied(&self, token: &TokenId) -> Result<bool, Fault> {
        if let Some(known) = self.line().known() {
            return known.is_denied(self.line(), self.tenant_id(), token.to_string()).await;
        }
        let statement = self.statement(IS_DENIED, [token.to_string().into()]);
        self.line().db().query_one_raw(statement).await.map(|row| row.is_some()).map_err(fault)
    }

    async fn standing_for(&self, id: GrantId, token: &TokenId) -> Result<Option<GrantStanding>, Fault> {
        if self.line().known().is_some() {
            // Both are answered from memory, mostly.
            return if self.is_denied(token).await? { Ok(None) } else { GrantReads::standing(self, id).await };
        }
        let statement = self.statement(STANDING_FOR, [id.uuid().into(), token.to_string().into()]);
        let row = Standing::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        row.map(Standing::thing).transpose()
    }

    async fn holds_for(&self, client: ClientUid, token: &TokenId) -> Result<bool, Fault> {
        let statement = self.statement(HOLDS_FOR, [client.uuid().into(), token.to_string().into()]);
        let row = OwnStanding::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        Ok(row.is_some_and(|row| is_enabled(&row.client_state) && is_active(&row.tenant_state)))
    }
}

impl<L: Line> Rows<L> {
    async fn read_standing(&self, id: GrantId) -> Result<Option<GrantStanding>, Fault> {
        let statement = self.statement(STANDING, [id.uuid().into()]);
        let row = Standing::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        row.map(Standing::thing).transpose()
    }
}

impl<L: WriteLine> Rows<L> {
    /// Takes back those of the selected grants that still hold.
    async fn revoke_those(
        &self,
        select: impl FnOnce(UpdateMany<Entity>) -> UpdateMany<Entity> + Send,
        reason: RevocationReason,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        let row = ActiveModel {
            revoked_at: Set(Some(now.millis())),
            revoked_reason: Set(Some(reason.label().to_owned())),
            ..Default::default()
        };
        let update = select(self.update_to(row)).filter(Column::RevokedAt.is_null());
        let revoked = update.exec_with_returning(&self.line().db()).await.map_err(fault)?;
        for grant in &revoked {
            self.changed(Noun::Grant, &grant.id).await?;
        }
        Ok(u64::try_from(revoked.len()).unwrap_or(u64::MAX))
    }
}

#[async_trait]
impl<L: WriteLine> Grants for Rows<L> {
    /// Not in the change feed: nobody holds a grant in memory that is not there yet.
    async fn insert(&self, grant: &Grant) -> Result<(), WriteError> {
        self.insert_row(Noun::Grant, Model::of(self.tenant(), grant)?).await
    }

    async fn prolong(&self, id: GrantId, until: Timestamp) -> Result<bool, Fault> {
        let row = ActiveModel { expires_at: Set(until.millis()), ..Default::default() };
        let update = self.update_to(row).filter(Column::Id.eq(id.uuid())).filter(Column::RevokedAt.is_null());
        let prolonged = update.exec_with_returning(&self.line().db()).await.map_err(fault)?;
        for grant in &prolonged {
            self.changed(Noun::Grant, &grant.id).await?;
        }
        Ok(!prolonged.is_empty())
    }

    async fn revoke(&self, id: GrantId, reason: RevocationReason, now: Timestamp) -> Result<bool, Fault> {
        let revoked = self.revoke_those(|grants| grants.filter(Column::Id.eq(id.uuid())), reason, now);
        Ok(revoked.await? == 1)
    }

    async fn revoke_of_session(
        &self,
        session: SessionId,
        client: Option<ClientUid>,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        let of_session = |grants: UpdateMany<Entity>| {
            let grants = grants.filter(Column::SessionId.eq(session.uuid())).filter(Column::Offline.eq(false));
            match client {
                Some(client) => grants.filter(Column::ClientUid.eq(client.uuid())),
                None => grants,
            }
        };
        self.revoke_those(of_session, RevocationReason::SignedOut, now).await
    }

    async fn revoke_of_user(&self, user: UserId, reason: RevocationReason, now: Timestamp) -> Result<u64, Fault> {
        self.revoke_those(|grants| grants.filter(Column::UserId.eq(user.uuid())), reason, now).await
    }

    async fn deny(&self, token: &TokenId, until: Timestamp) -> Result<(), Fault> {
        let statement = self.statement(DENY, [token.to_string().into(), until.millis().into()]);
        self.execute(statement).await.map_err(unguarded)?;
        let (tenant_id, token_id) = (self.tenant(), token.to_string());
        self.line().note_denied(Denied { tenant_id, token_id, until: until.millis() });
        Ok(())
    }
}
