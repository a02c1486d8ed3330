//! Grants as operators look at them and take them back.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    grant::{Grant, GrantField, GrantState, RevocationReason},
    id::{ClientId, ClientUid, GrantId, SessionId, UserId},
    page::Page,
    query::Query,
    time::Timestamp,
};

/// A grant, and the client under the name that people know.
#[derive(Clone, Debug)]
pub struct ListedGrant {
    /// The grant.
    pub grant: Grant,
    /// Its client.
    pub client: ClientId,
}

/// Which grants: those that have all of what is set here. Nothing set means every grant of the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantSelection {
    /// Given by that user.
    pub user: Option<UserId>,
    /// Given to that client.
    pub client: Option<ClientUid>,
    /// Given in that session.
    pub session: Option<SessionId>,
}

impl GrantSelection {
    /// Whether anything is set.
    #[must_use]
    pub fn selects(&self) -> bool {
        *self != Self::default()
    }

    /// Whether something with that user, client and session is among those.
    #[must_use]
    pub fn takes(&self, user: UserId, client: ClientUid, session: SessionId) -> bool {
        self.user.is_none_or(|wanted| wanted == user)
            && self.client.is_none_or(|wanted| wanted == client)
            && self.session.is_none_or(|wanted| wanted == session)
    }
}

/// Lists of grants.
#[async_trait]
pub trait GrantLists: Send + Sync {
    /// One grant, revoked and expired ones included.
    async fn find(&self, id: GrantId) -> Result<Option<ListedGrant>, Fault>;
    /// A page of those, in that state where one is named; their own position is the id, which is the order in which they were given.
    async fn list(
        &self,
        of: &GrantSelection,
        state: Option<GrantState>,
        now: Timestamp,
        query: Query<GrantField>,
    ) -> Result<Page<ListedGrant>, Fault>;
    /// How many of those are live.
    async fn count_live(&self, of: &GrantSelection, now: Timestamp) -> Result<u64, Fault>;
}

/// Revocation of many grants.
#[async_trait]
pub trait GrantRevocations: Send + Sync {
    /// Takes back at most `limit` of those that are live, and gives how many: fewer than `limit` when that was all.
    async fn revoke_some(
        &self,
        of: &GrantSelection,
        reason: RevocationReason,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, Fault>;
    /// Forgets the codes, and what devices were allowed, that can still be redeemed and would become such grants.
    async fn forget_codes(&self, of: &GrantSelection, now: Timestamp) -> Result<(), Fault>;
}
