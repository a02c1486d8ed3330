//! Finding the client that a call names.

use chancery_domain::{client::Client, id::ClientId};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The client, with its secrets.
pub(crate) async fn find(reached: &Reached<'_>, id: &ClientId) -> Result<Client, Refusal> {
    let found = reached.read().clients().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "clients", id);
    found.ok_or_else(|| Refusal::not_found(Reason::ClientNotFound, "Client", &name()))
}
