//! Finding the session that a call names.

use chancery_domain::{id::SessionId, ports::sessions::ListedSession};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The session.
pub(super) async fn find(reached: &Reached<'_>, id: SessionId) -> Result<ListedSession, Refusal> {
    let found = reached.read().session_lists().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "sessions", id);
    found.ok_or_else(|| Refusal::not_found(Reason::SessionNotFound, "Session", &name()))
}
