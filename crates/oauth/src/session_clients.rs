//! Clients take part in a session from the first answer that they get in it.

use chancery_domain::{client::Client, fault::Fault, id::SessionId, ports::store::TenantRows};

/// Notes that the client has to hear of the end of the session. For a client that does not want to hear of it, which are
/// most, nothing is written.
pub(crate) async fn join(rows: &dyn TenantRows, client: &Client, session: SessionId) -> Result<(), Fault> {
    if client.metadata.logout.is_told() {
        rows.session_clients().join(session, client.uid).await?;
    }
    Ok(())
}
