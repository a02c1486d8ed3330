//! From what somebody sent to the client that is written: for the calls about one client, and for documents.

use chancery_domain::{
    client::Client,
    id::{ClientId, ClientUid},
    key_policy::KeyPolicy,
    tenant::Tenant,
    time::Timestamp,
};
use chancery_proto::v1;

use super::{fit, places, read};
use crate::{
    context::Context,
    name,
    status::{Reason, Refusal},
};

/// The way out for a client whose secrets the server cannot sign with.
const DIGESTED: &str = "has secrets of which only digests are kept, so that nothing can be signed or verified with them: \
                        delete those secrets, make the change, and generate a new secret";

/// A new client.
pub(crate) fn fresh(
    cx: &Context,
    sent: &v1::Client,
    id: &ClientId,
    (tenant, policy): (&Tenant, &KeyPolicy),
    now: Timestamp,
) -> Result<Client, Refusal> {
    let chosen = ClientId::choose(id.as_str()).map_err(|malformed| Refusal::malformed("client_id", &malformed))?;
    let uid = ClientUid::generate(&*cx.random, now);
    let client = read::read(sent, Client::new(uid, chosen, read::kind(sent)?, now), tenant.profile, &*cx.uris)?;
    places::check(cx, &client, None)?;
    fit::check_offered(tenant, &client, None)?;
    fit::checked(client, policy)
}

/// A client as it is to be, all of it.
pub(crate) fn changed(
    cx: &Context,
    sent: &v1::Client,
    stored: &Client,
    (tenant, policy): (&Tenant, &KeyPolicy),
) -> Result<Client, Refusal> {
    let client = fit::checked(read::read(sent, stored.clone(), tenant.profile, &*cx.uris)?, policy)?;
    places::check(cx, &client, Some(stored))?;
    fit::check_offered(tenant, &client, Some(stored))?;
    if client.needs_sealed_secrets() && !client.has_sealed_secrets_alone() {
        let name = name::within(&tenant.slug, "clients", &client.id);
        return Err(Refusal::precondition(Reason::ClientSecretsDigested, &name, DIGESTED));
    }
    Ok(client)
}
