//! Users, clients and sessions that a request names beside its parent: they must lie in the parent, and users and clients
//! must be there. One of another tenant is refused by its name alone, so nobody learns whether it exists.

use chancery_domain::{
    id::{ClientUid, TenantSlug, UserId},
    ports::grants::GrantSelection,
};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The user of that name; `None` where nobody is named.
pub(crate) async fn user(reached: &Reached<'_>, field: &str, text: &str) -> Result<Option<UserId>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let (tenant, id) = name::user(field, text)?;
    within(reached, field, &tenant)?;
    match reached.read().users().find(id).await? {
        Some(_) => Ok(Some(id)),
        None => Err(Refusal::not_found(Reason::UserNotFound, "User", text)),
    }
}

/// The client of that name; `None` where none is named.
pub(crate) async fn client(reached: &Reached<'_>, field: &str, text: &str) -> Result<Option<ClientUid>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let (tenant, id) = name::client(field, text)?;
    within(reached, field, &tenant)?;
    match reached.read().clients().find(&id).await? {
        Some(client) => Ok(Some(client.uid)),
        None => Err(Refusal::not_found(Reason::ClientNotFound, "Client", text)),
    }
}

/// Grants by user, client and session. The session need not be there any more: what was given in it may be.
pub(super) async fn selection(
    reached: &Reached<'_>,
    user_name: &str,
    client_name: &str,
    session_name: &str,
) -> Result<GrantSelection, Refusal> {
    let session = if session_name.is_empty() {
        None
    } else {
        let (tenant, id) = name::session("session", session_name)?;
        within(reached, "session", &tenant)?;
        Some(id)
    };
    Ok(GrantSelection {
        user: user(reached, "user", user_name).await?,
        client: client(reached, "client", client_name).await?,
        session,
    })
}

fn within(reached: &Reached<'_>, field: &str, tenant: &TenantSlug) -> Result<(), Refusal> {
    if *tenant == reached.tenant.slug {
        Ok(())
    } else {
        Err(Refusal::field(field, "must be of the tenant that the request is about"))
    }
}
