//! Finding the consent that a call names.

use chancery_domain::{
    id::{ClientId, UserId},
    ports::consents::ListedConsent,
};

use super::message;
use crate::{
    reach::Reached,
    status::{Reason, Refusal},
};

/// The consent. A client that is not there has been allowed nothing.
pub(super) async fn find(reached: &Reached<'_>, user: UserId, client: &ClientId) -> Result<ListedConsent, Refusal> {
    let rows = reached.read();
    let found = match rows.clients().find(client).await? {
        Some(known) => rows.consents().find(user, known.uid).await?,
        None => None,
    };
    let name = || message::name(&reached.tenant.slug, user, client);
    let consent = found.ok_or_else(|| Refusal::not_found(Reason::ConsentNotFound, "Consent", &name()))?;
    Ok(ListedConsent { consent, client: client.clone() })
}
