//! The end of sessions, as the clients that took part are told of it.

use serde::{Deserialize, Serialize};

use crate::{
    delivery::Delivery,
    fault::{Fault, WriteError},
    id::{ClientUid, DeliveryId, SessionId, TenantSlug, UserId},
    ports::store::TenantRows,
    random::Random,
    time::Timestamp,
};

/// What a client is told behind the browser's back: that a session is over in which it took part (OpenID Connect
/// Back-Channel Logout section 2.4). It is kept until it is delivered, and becomes a token anew with every attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutNotice {
    /// The tenant by its name, which says nothing yet: another may have it by then.
    pub tenant: TenantSlug,
    /// Who is told.
    pub client: ClientUid,
    /// Whose session it was.
    pub user: UserId,
    /// Which.
    pub session: SessionId,
}

/// Sessions of one user that end in a transaction.
#[derive(Clone, Copy, Debug)]
pub struct EndedSessions<'a> {
    /// The tenant.
    pub tenant: &'a TenantSlug,
    /// The user.
    pub user: UserId,
    /// The sessions.
    pub sessions: &'a [SessionId],
    /// When they end.
    pub at: Timestamp,
}

impl EndedSessions<'_> {
    /// Has every client told that took part and wants to hear of it, one delivery for each session, in the transaction
    /// that ends them. So nobody is told of what did not happen, and nothing that happened is forgotten.
    ///
    /// A disabled client is told too: it may still have people signed in.
    pub async fn announce(&self, rows: &dyn TenantRows, random: &dyn Random) -> Result<(), Fault> {
        for session in self.sessions {
            for uid in rows.session_clients().of_session(*session).await? {
                let Some(client) = rows.clients().find_by_uid(uid).await? else { continue };
                let Some(target) = &client.metadata.logout.backchannel_uri else { continue };
                let notice =
                    LogoutNotice { tenant: self.tenant.clone(), client: uid, user: self.user, session: *session };
                let body = serde_json::to_string(&notice)
                    .map_err(|error| Fault::broken("a notice could not be written", error))?;
                let id = DeliveryId::generate(random, self.at);
                let delivery = Delivery::of_logout(id, uid, target, body, self.at);
                rows.deliveries().insert(&delivery).await.map_err(owed)?;
            }
        }
        Ok(())
    }
}

fn owed(error: WriteError) -> Fault {
    match error {
        WriteError::Fault(fault) => fault,
        WriteError::Taken(_) | WriteError::Stale => Fault::broken("a delivery could not be written", error),
    }
}
