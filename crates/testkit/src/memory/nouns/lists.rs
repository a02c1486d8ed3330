//! Sessions, grants and consents as operators look at them and take them back, in memory.

use async_trait::async_trait;
use chancery_domain::{
    code::Code,
    consent::{Consent, ConsentField},
    fault::Fault,
    grant::{Grant, GrantField, GrantState, RevocationReason},
    id::{ClientId, ClientUid, GrantId, SessionId, UserId},
    page::Page,
    ports::{
        consents::{ConsentLists, ConsentSelection, ConsentWithdrawals, ListedConsent},
        grants::{GrantLists, GrantRevocations, GrantSelection, ListedGrant},
        sessions::{ListedSession, SessionLists},
    },
    query::Query,
    session::{Session, SessionField},
    time::Timestamp,
};

use super::{super::Fenced, Nouns};

impl Nouns {
    fn client_id(&self, uid: ClientUid) -> Option<ClientId> {
        self.clients.get(&uid).map(|client| client.id.clone())
    }

    fn listed_session(&self, session: Session) -> ListedSession {
        let given = self.grants.values().filter(|grant| grant.session == session.id);
        let clients: std::collections::BTreeSet<_> = given.filter_map(|grant| self.client_id(grant.client)).collect();
        ListedSession { session, clients: clients.into_iter().collect() }
    }

    fn listed_grant(&self, grant: Grant) -> Option<ListedGrant> {
        Some(ListedGrant { client: self.client_id(grant.client)?, grant })
    }
}

fn takes(of: &GrantSelection, grant: &Grant) -> bool {
    of.takes(grant.user, grant.client, grant.session)
}

#[async_trait]
impl SessionLists for Fenced {
    async fn find(&self, id: SessionId) -> Result<Option<ListedSession>, Fault> {
        self.nouns(|rows| rows.sessions.get(&id).cloned().map(|session| rows.listed_session(session)))
    }

    async fn list(&self, user: Option<UserId>, query: Query<SessionField>) -> Result<Page<ListedSession>, Fault> {
        self.nouns(|rows| {
            let of_user = |session: &&Session| user.is_none_or(|user| session.user == user);
            let sessions = rows.sessions.values().filter(of_user).cloned();
            let Page { rows: found, next } = query.of(sessions, Session::field, |session| session.id.to_string());
            Page { rows: found.into_iter().map(|session| rows.listed_session(session)).collect(), next }
        })
    }
}

#[async_trait]
impl GrantLists for Fenced {
    async fn find(&self, id: GrantId) -> Result<Option<ListedGrant>, Fault> {
        self.nouns(|rows| rows.listed_grant(rows.grants.get(&id)?.clone()))
    }

    async fn list(
        &self,
        of: &GrantSelection,
        state: Option<GrantState>,
        now: Timestamp,
        query: Query<GrantField>,
    ) -> Result<Page<ListedGrant>, Fault> {
        self.nouns(|rows| {
            let in_state = |grant: &Grant| state.is_none_or(|state| grant.state(now) == state);
            let grants = rows.grants.values().filter(|grant| takes(of, grant) && in_state(grant)).cloned();
            let Page { rows: found, next } = query.of(grants, Grant::field, |grant| grant.id.to_string());
            Page { rows: found.into_iter().filter_map(|grant| rows.listed_grant(grant)).collect(), next }
        })
    }

    async fn count_live(&self, of: &GrantSelection, now: Timestamp) -> Result<u64, Fault> {
        self.nouns(|rows| rows.grants.values().filter(|grant| takes(of, grant) && grant.is_live(now)).count() as u64)
    }
}

#[async_trait]
impl GrantRevocations for Fenced {
    async fn revoke_some(
        &self,
        of: &GrantSelection,
        reason: RevocationReason,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, Fault> {
        self.nouns(|rows| {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let live = rows.grants.values_mut().filter(|grant| takes(of, grant) && grant.is_live(now));
            live.take(limit).map(|grant| grant.revoked = Some((now, reason))).count() as u64
        })
    }

    async fn forget_codes(&self, of: &GrantSelection, now: Timestamp) -> Result<(), Fault> {
        self.nouns(|rows| {
            let open = |code: &Code| code.redeemed_at.is_none() && now < code.expires_at;
            rows.codes.retain(|_, code| !(open(code) && of.takes(code.user, code.client, code.session)));
            rows.devices.retain(|_, wish| !wish.can_be_redeemed(of, now));
        })
    }
}

#[async_trait]
impl ConsentLists for Fenced {
    async fn list(&self, of: &ConsentSelection, query: Query<ConsentField>) -> Result<Page<ListedConsent>, Fault> {
        self.nouns(|rows| {
            let chosen = |consent: &&Consent| {
                of.user.is_none_or(|user| user == consent.user) && of.client.is_none_or(|uid| uid == consent.client)
            };
            let place = |consent: &Consent| format!("{}/{}", consent.user, consent.client);
            let consents = rows.consents.values().filter(chosen).cloned();
            let Page { rows: found, next } = query.of(consents, Consent::field, place);
            let named =
                |consent: Consent| rows.client_id(consent.client).map(|client| ListedConsent { consent, client });
            Page { rows: found.into_iter().filter_map(named).collect(), next }
        })
    }
}

#[async_trait]
impl ConsentWithdrawals for Fenced {
    async fn withdraw(&self, user: UserId, client: ClientUid) -> Result<bool, Fault> {
        self.nouns(|rows| rows.consents.remove(&(user, client)).is_some())
    }
}
