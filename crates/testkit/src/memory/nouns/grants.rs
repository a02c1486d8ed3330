//! Grants in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    client::Client,
    fault::{Fault, WriteError},
    grant::{Grant, GrantStanding, RevocationReason},
    id::{ClientUid, GrantId, SessionId, UserId},
    ports::store::{GrantReads, Grants},
    time::Timestamp,
    token_id::TokenId,
    user::User,
};

use super::{super::Fenced, Nouns};

#[async_trait]
impl GrantReads for Fenced {
    async fn standing(&self, id: GrantId) -> Result<Option<GrantStanding>, Fault> {
        let tenant_active = self.serves();
        self.nouns(|rows| {
            let grant = rows.grants.get(&id)?.clone();
            let user_enabled = rows.users.get(&grant.user).is_some_and(User::is_enabled);
            let client_enabled = rows.clients.get(&grant.client).is_none_or(Client::is_enabled);
            Some(GrantStanding { grant, user_enabled, client_enabled, tenant_active })
        })
    }

    async fn holds_for(&self, client: ClientUid, token: &TokenId) -> Result<bool, Fault> {
        let serves = self.serves();
        self.nouns(|rows| {
            let enabled = rows.clients.get(&client).is_none_or(Client::is_enabled);
            serves && enabled && !rows.denied.contains_key(&token.to_string())
        })
    }

    async fn is_denied(&self, token: &TokenId) -> Result<bool, Fault> {
        self.nouns(|rows| rows.denied.contains_key(&token.to_string()))
    }
}

#[async_trait]
impl Grants for Fenced {
    async fn insert(&self, grant: &Grant) -> Result<(), WriteError> {
        self.nouns(|rows| match rows.grants.insert(grant.id, grant.clone()) {
            None => Ok(()),
            Some(_) => Err(WriteError::Taken(Noun::Grant)),
        })?
    }

    async fn prolong(&self, id: GrantId, until: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| match rows.grants.get_mut(&id) {
            Some(grant) if grant.revoked.is_none() => {
                grant.expires_at = until;
                true
            }
            Some(_) | None => false,
        })
    }

    async fn revoke(&self, id: GrantId, reason: RevocationReason, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| rows.revoke(reason, now, |grant| grant.id == id) > 0)
    }

    async fn revoke_of_session(
        &self,
        session: SessionId,
        client: Option<ClientUid>,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        let theirs = |grant: &Grant| client.is_none_or(|client| grant.client == client);
        let given = |grant: &Grant| grant.session == session && !grant.is_offline() && theirs(grant);
        self.nouns(|rows| rows.revoke(RevocationReason::SignedOut, now, given))
    }

    async fn revoke_of_user(&self, user: UserId, reason: RevocationReason, now: Timestamp) -> Result<u64, Fault> {
        self.nouns(|rows| rows.revoke(reason, now, |grant| grant.user == user))
    }

    async fn deny(&self, token: &TokenId, until: Timestamp) -> Result<(), Fault> {
        self.nouns(|rows| rows.denied.insert(token.to_string(), until))?;
        Ok(())
    }
}

impl Nouns {
    fn revoke(&mut self, reason: RevocationReason, now: Timestamp, which: impl Fn(&Grant) -> bool) -> u64 {
        let mut revoked = 0;
        for grant in self.grants.values_mut().filter(|grant| grant.revoked.is_none() && which(grant)) {
            grant.revoked = Some((now, reason));
            revoked += 1;
        }
        revoked
    }
}
