//! Which clients take part in a session: those that got something in it and want to hear of its end.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    id::{ClientUid, SessionId},
};

/// Reads of who takes part.
#[async_trait]
pub trait SessionClientReads: Send + Sync {
    /// The clients of a session, ended ones included, in the order of their uids.
    async fn of_session(&self, session: SessionId) -> Result<Vec<ClientUid>, Fault>;
}

/// Writes of who takes part. A session that goes takes its rows along.
#[async_trait]
pub trait SessionClients: SessionClientReads {
    /// The client takes part from now on; again does nothing.
    async fn join(&self, session: SessionId, client: ClientUid) -> Result<(), Fault>;
    /// It does not any more.
    async fn leave(&self, session: SessionId, client: ClientUid) -> Result<(), Fault>;
}
