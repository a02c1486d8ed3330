//! Which clients take part in a session, in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    id::{ClientUid, SessionId},
    ports::session_clients::{SessionClientReads, SessionClients},
};

use super::super::Fenced;

#[async_trait]
impl SessionClientReads for Fenced {
    async fn of_session(&self, session: SessionId) -> Result<Vec<ClientUid>, Fault> {
        self.nouns(|rows| {
            let own =
                rows.session_clients.iter().filter(|(of, client)| *of == session && rows.clients.contains_key(client));
            own.map(|(_, client)| *client).collect()
        })
    }
}

#[async_trait]
impl SessionClients for Fenced {
    async fn join(&self, session: SessionId, client: ClientUid) -> Result<(), Fault> {
        self.nouns(|rows| rows.session_clients.insert((session, client))).map(drop)
    }

    async fn leave(&self, session: SessionId, client: ClientUid) -> Result<(), Fault> {
        self.nouns(|rows| rows.session_clients.remove(&(session, client))).map(drop)
    }
}
