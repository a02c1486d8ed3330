//! Sessions in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::{SessionId, UserId},
    ports::store::{SessionReads, Sessions},
    secret::Digest,
    session::Session,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl SessionReads for Fenced {
    async fn find(&self, digest: &Digest) -> Result<Option<Session>, Fault> {
        self.nouns(|rows| rows.sessions.values().find(|session| session.digest == *digest).cloned())
    }

    async fn find_by_id(&self, id: SessionId) -> Result<Option<Session>, Fault> {
        self.nouns(|rows| rows.sessions.get(&id).cloned())
    }
}

#[async_trait]
impl Sessions for Fenced {
    async fn insert(&self, session: &Session) -> Result<(), WriteError> {
        self.nouns(|rows| match rows.sessions.insert(session.id, session.clone()) {
            None => Ok(()),
            Some(_) => Err(WriteError::Taken(Noun::Session)),
        })?
    }

    async fn renew(&self, session: &Session) -> Result<bool, Fault> {
        let goes_on = |there: &&mut Session| there.user == session.user && there.ended_at.is_none();
        self.nouns(|rows| match rows.sessions.get_mut(&session.id).filter(goes_on) {
            Some(there) => {
                *there = session.clone();
                true
            }
            None => false,
        })
    }

    async fn hold(&self, id: SessionId) -> Result<bool, Fault> {
        self.nouns(|rows| rows.sessions.get(&id).is_some_and(|session| session.ended_at.is_none()))
    }

    async fn touch(&self, id: SessionId, now: Timestamp) -> Result<(), Fault> {
        self.nouns(|rows| {
            if let Some(session) = rows.sessions.get_mut(&id) {
                session.last_seen_at = now;
            }
        })
    }

    async fn end(&self, id: SessionId, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| match rows.sessions.get_mut(&id).filter(|session| session.ended_at.is_none()) {
            Some(session) => session.ended_at.replace(now).is_none(),
            None => false,
        })
    }

    async fn end_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, Fault> {
        self.nouns(|rows| {
            let live = |session: &&mut Session| session.user == user && session.ended_at.is_none();
            let end = |session: &mut Session| {
                session.ended_at = Some(now);
                session.id
            };
            rows.sessions.values_mut().filter(live).map(end).collect()
        })
    }
}
