//! What ends with a user's right to be signed in.

use chancery_domain::{
    fault::Fault,
    grant::RevocationReason,
    id::{TenantSlug, UserId},
    logout::EndedSessions,
    ports::store::TenantRows,
    random::Random,
    time::Timestamp,
};

/// Ends the user's sessions, takes their grants and their password link back, in the transaction of what made it necessary.
pub(super) async fn end_everything(
    rows: &dyn TenantRows,
    random: &dyn Random,
    tenant: &TenantSlug,
    user: UserId,
    now: Timestamp,
) -> Result<(), Fault> {
    rows.password_links().withdraw(user).await?;
    let sessions = rows.sessions().end_of_user(user, now).await?;
    EndedSessions { tenant, user, sessions: &sessions, at: now }.announce(rows, random).await?;
    rows.grants().revoke_of_user(user, RevocationReason::ByAdmin, now).await?;
    Ok(())
}
