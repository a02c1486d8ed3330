//! Sessions as operators look at them.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    id::{ClientId, SessionId, UserId},
    page::Page,
    query::Query,
    session::{Session, SessionField},
};

/// A session, and the clients that were given something in it.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// The clients with a grant of it, revoked and expired grants included, in the order of their ids.
    pub clients: Vec<ClientId>,
}

/// Lists of sessions.
#[async_trait]
pub trait SessionLists: Send + Sync {
    /// One session, ended and expired ones included.
    async fn find(&self, id: SessionId) -> Result<Option<ListedSession>, Fault>;
    /// A page of all sessions or of one user's; their own position is the id, which is the order in which they began.
    async fn list(&self, user: Option<UserId>, query: Query<SessionField>) -> Result<Page<ListedSession>, Fault>;
}
