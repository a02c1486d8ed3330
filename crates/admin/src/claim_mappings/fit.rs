//! Reading a claim mapping as far as it depends on what else there is in its tenant.

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimName, MappedClient},
    id::ClaimMappingSlug,
    scope::{BuiltInScope, ScopeValue},
    time::Timestamp,
    version::Version,
};
use chancery_proto::v1;

use super::message;
use crate::{name, reach::Reached, status::Refusal};

const SCOPE: &str = "claim_mapping.scope";
const CLIENT: &str = "claim_mapping.client";

/// The mapping that was sent, if its scope and its client are there.
pub(super) async fn read(
    reached: &Reached<'_>,
    slug: ClaimMappingSlug,
    sent: &v1::ClaimMapping,
    now: Timestamp,
) -> Result<ClaimMapping, Refusal> {
    let claim = sent.claim.parse();
    let claim: ClaimName = claim.map_err(|malformed| Refusal::malformed("claim_mapping.claim", &malformed))?;
    let mapping = ClaimMapping {
        slug,
        claim,
        source: message::read_source(sent)?,
        targets: message::read_targets(sent)?,
        scope: scope(reached, &sent.scope).await?,
        client: client(reached, &sent.client).await?,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    let checked = mapping.checked();
    checked.map_err(|malformed| Refusal::malformed(format!("claim_mapping.{}", malformed.what), &malformed))
}

async fn scope(reached: &Reached<'_>, sent: &str) -> Result<Option<ScopeValue>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let scope: ScopeValue = sent.parse().map_err(|malformed| Refusal::malformed(SCOPE, &malformed))?;
    let own = reached.read().scopes().all().await?;
    if BuiltInScope::find(sent).is_some() || own.iter().any(|own| own.value == scope) {
        Ok(Some(scope))
    } else {
        Err(Refusal::field(SCOPE, "must be a scope of the tenant"))
    }
}

async fn client(reached: &Reached<'_>, sent: &str) -> Result<Option<MappedClient>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let (tenant, id) = name::client(CLIENT, sent)?;
    let within = tenant == reached.tenant.slug;
    let found = if within { reached.read().clients().find(&id).await? } else { None };
    let absent = || Refusal::field(CLIENT, "must be a client of the tenant");
    found.map(|client| Some(MappedClient { uid: client.uid, id: client.id })).ok_or_else(absent)
}
