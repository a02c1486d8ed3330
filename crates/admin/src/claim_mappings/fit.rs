//! Reading a claim mapping as far as it depends on what else there is in its tenant: for the calls about one mapping, and
//! for documents.

use chancery_domain::{
    change::Noun,
    claim_mapping::{ClaimMapping, ClaimName, MappedClient},
    fault::WriteError,
    id::{ClaimMappingSlug, ClientId, TenantSlug},
    scope::{BuiltInScope, ScopeValue},
    time::Timestamp,
    version::Version,
};
use chancery_proto::v1;

use super::message;
use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
    text,
};

const SCOPE: &str = "claim_mapping.scope";
const CLIENT: &str = "claim_mapping.client";

/// What a mapping may name.
pub(crate) struct Beside {
    /// The tenant that it lies in.
    pub(crate) tenant: TenantSlug,
    /// Values of the tenant's own scopes.
    pub(crate) scopes: Vec<ScopeValue>,
    /// Those of the tenant's clients that can be meant.
    pub(crate) clients: Vec<MappedClient>,
}

/// What is there for the mapping that was sent.
pub(super) async fn beside(reached: &Reached<'_>, sent: &v1::ClaimMapping) -> Result<Beside, Refusal> {
    let tenant = reached.tenant.slug.clone();
    let scopes = reached.read().scopes().all().await?.into_iter().map(|scope| scope.value).collect();
    let found = match named_client(&tenant, &sent.client)? {
        Some(id) => reached.read().clients().find(&id).await?,
        None => None,
    };
    let clients = found.map(|client| MappedClient { uid: client.uid, id: client.id }).into_iter().collect();
    Ok(Beside { tenant, scopes, clients })
}

/// The mapping that was sent, if its scope and its client are there.
pub(crate) fn read(
    beside: &Beside,
    slug: ClaimMappingSlug,
    sent: &v1::ClaimMapping,
    now: Timestamp,
) -> Result<ClaimMapping, Refusal> {
    let claim: ClaimName = text::read("claim_mapping.claim", &sent.claim)?;
    let mapping = ClaimMapping {
        slug,
        claim,
        source: message::read_source(sent)?,
        targets: message::read_targets(sent)?,
        scope: scope(beside, &sent.scope)?,
        client: client(beside, &sent.client)?,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    let checked = mapping.checked();
    checked.map_err(|malformed| Refusal::malformed(format!("claim_mapping.{}", malformed.what), &malformed))
}

/// A stored mapping as it is to be, all of it.
pub(crate) fn changed(beside: &Beside, stored: ClaimMapping, sent: &v1::ClaimMapping) -> Result<ClaimMapping, Refusal> {
    let read = read(beside, stored.slug, sent, stored.created_at)?;
    Ok(ClaimMapping { version: stored.version, updated_at: stored.updated_at, ..read })
}

/// Refuses a new mapping whose id is taken, or for which a tenant with those others has no room.
pub(crate) fn admit<'a>(
    tenant: &TenantSlug,
    mapping: &ClaimMapping,
    mut others: impl ExactSizeIterator<Item = &'a ClaimMapping>,
) -> Result<(), Refusal> {
    let full = others.len() >= ClaimMapping::MOST;
    if others.any(|other| other.slug == mapping.slug) {
        let name = name::within(tenant, "claimMappings", &mapping.slug);
        return Err(Refusal::from(WriteError::Taken(Noun::ClaimMapping)).about("ClaimMapping", &name));
    }
    if full {
        let most = format!("has {} claim mappings, the most that a tenant may have", ClaimMapping::MOST);
        return Err(Refusal::precondition(Reason::TooManyClaimMappings, &name::of_tenant(tenant), &most));
    }
    Ok(())
}

fn scope(beside: &Beside, sent: &str) -> Result<Option<ScopeValue>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let scope: ScopeValue = text::read(SCOPE, sent)?;
    if BuiltInScope::find(sent).is_some() || beside.scopes.contains(&scope) {
        Ok(Some(scope))
    } else {
        Err(Refusal::field(SCOPE, "must be a scope of the tenant"))
    }
}

fn client(beside: &Beside, sent: &str) -> Result<Option<MappedClient>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let id = named_client(&beside.tenant, sent)?;
    let found = id.and_then(|id| beside.clients.iter().find(|client| client.id == id));
    found.map(|client| Some(client.clone())).ok_or_else(|| Refusal::field(CLIENT, "must be a client of the tenant"))
}

/// The client of that tenant that a name means.
fn named_client(tenant: &TenantSlug, sent: &str) -> Result<Option<ClientId>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let (of, id) = name::client(CLIENT, sent)?;
    Ok((of == *tenant).then_some(id))
}
