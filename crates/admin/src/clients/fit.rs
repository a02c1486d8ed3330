//! Whether a client fits into its tenant, and whether the tenant's key policy still fits its clients.

use std::time::Duration;

use chancery_domain::{
    client::Client,
    fault::Fault,
    key_policy::KeyPolicy,
    page::PageRequest,
    ports::store::{ClientReads, TenantReader},
    tenant::Tenant,
};

use crate::{
    name,
    status::{Reason, Refusal},
};

/// The way out for a client that would encrypt to nobody.
const ENCRYPTION_OFF: &str = "takes no encrypted request objects, so request_object_encryption_alg of a client must be empty: \
                              switch settings.request_object_encryption on first";

/// So many are read at a time.
const PAGE: u32 = 500;

/// The client, if the tenant can sign its tokens as it asks, and for as long.
pub(crate) fn checked(client: Client, policy: &KeyPolicy) -> Result<Client, Refusal> {
    match client.fits(policy) {
        Ok(()) => Ok(client),
        Err(malformed) => Err(Refusal::malformed(format!("client.{}", malformed.what), &malformed)),
    }
}

/// Refuses what the tenant does not take. What a client registered while the tenant took it may stay and waits: nobody has to
/// mend clients to switch something off.
pub(crate) fn check_offered(tenant: &Tenant, client: &Client, stored: Option<&Client>) -> Result<(), Refusal> {
    let asked = client.metadata.requests.object_encryption;
    let before = stored.and_then(|stored| stored.metadata.requests.object_encryption);
    if asked.is_none() || asked == before || tenant.takes_encrypted_requests() {
        return Ok(());
    }
    Err(Refusal::precondition(Reason::EncryptionOff, &name::of_tenant(&tenant.slug), ENCRYPTION_OFF))
}

/// Refuses a key policy under which the tokens of a client could not be signed as it asks, or not for as long. Clients are
/// looked at only where the policy takes something away.
pub(crate) async fn check_policy(
    rows: &dyn TenantReader,
    stored: &KeyPolicy,
    policy: &KeyPolicy,
) -> Result<(), Refusal> {
    let lost = stored.algorithms.iter().any(|algorithm| !policy.algorithms.contains(algorithm));
    if lost || policy.longest_token_life < stored.longest_token_life {
        check_policy_of(&all(rows.clients()).await?, policy)
    } else {
        Ok(())
    }
}

/// The same for those clients. What a client chose that registered itself hinders no operator: its tokens are signed by the
/// default then.
pub(crate) fn check_policy_of(clients: &[Client], policy: &KeyPolicy) -> Result<(), Refusal> {
    if clients.iter().any(|client| client.longest_life() > policy.longest_token_life) {
        let rule = "must not be shorter than the token lives of the tenant's clients";
        return Err(Refusal::field("key_policy.longest_token_life", rule));
    }
    let lost = |client: &&Client| !client.registered_itself() && client.lost_algorithm(policy).is_some();
    match clients.iter().find(lost) {
        None => Ok(()),
        Some(client) => {
            let rule = "must hold the algorithms that the tenant's clients ask for";
            Err(Refusal::field("key_policy.algorithms", rule).with("client", client.id.to_string()))
        }
    }
}

/// The longest life that one of the clients asks for anything that is signed for it.
pub(crate) async fn longest_life(clients: &dyn ClientReads) -> Result<Duration, Fault> {
    Ok(all(clients).await?.iter().map(Client::longest_life).max().unwrap_or_default())
}

async fn all(clients: &dyn ClientReads) -> Result<Vec<Client>, Fault> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = clients.list(PageRequest { after, size: PAGE }.into()).await?;
        found.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
