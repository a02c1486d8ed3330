//! Claim mappings in documents.

use chancery_domain::{
    claim_mapping::{ClaimMapping, MappedClient},
    fault::WriteError,
    id::{ClaimMappingSlug, TenantSlug},
    ports::store::TenantReader,
};
use chancery_proto::v1::{self, TenantDocument};
use tonic::async_trait;

use super::{
    super::{
        change::Words,
        noun::{Asked, MUST_BE_THERE, Noun},
        weigh::{breaks, hurts_nobody},
        weights,
    },
    resource::scopes,
};
use crate::{
    claim_mappings::{
        FIELDS,
        fit::{self, Beside},
        message, write,
    },
    name,
    status::Refusal,
    writing::Writing,
};

/// Claim mappings, what tokens and `UserInfo` say beyond the usual.
pub(in super::super) struct ClaimMappingNoun;

#[async_trait]
impl Noun for ClaimMappingNoun {
    type Thing = ClaimMapping;
    type Sent = v1::ClaimMapping;

    const LIST: &'static str = "claim_mappings";
    const FIELD: &'static str = "claim_mapping";
    const WORDS: Words<v1::ClaimMapping> = Words {
        message: "ClaimMapping",
        fields: FIELDS,
        create: "claim_mappings.create",
        update: "claim_mappings.update",
        delete: "claim_mappings.delete",
        made: hurts_nobody("Tokens or UserInfo say one thing more."),
        gone: breaks("Applications no longer learn the claim."),
        weights: weights::CLAIM_MAPPING,
    };

    fn list(document: &TenantDocument) -> &Vec<v1::ClaimMapping> {
        &document.claim_mappings
    }

    fn list_mut(document: &mut TenantDocument) -> &mut Vec<v1::ClaimMapping> {
        &mut document.claim_mappings
    }

    fn name(sent: &v1::ClaimMapping) -> &str {
        &sent.name
    }

    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal> {
        name::claim_mapping(field, name).map(|(tenant, id)| (tenant, id.to_string()))
    }

    fn message(tenant: &TenantSlug, thing: &ClaimMapping) -> v1::ClaimMapping {
        message::of(tenant, thing)
    }

    async fn stored(rows: &dyn TenantReader, _tenant: &TenantSlug) -> Result<Vec<ClaimMapping>, Refusal> {
        Ok(rows.claim_mappings().all().await?)
    }

    fn fresh(asked: &Asked<'_>, id: &str, sent: &v1::ClaimMapping) -> Result<ClaimMapping, Refusal> {
        let slug = id.parse();
        let slug: ClaimMappingSlug = slug.map_err(|malformed| Refusal::malformed("claim_mapping.name", &malformed))?;
        fit::read(&beside(asked), slug, sent, asked.now)
    }

    fn changed(asked: &Asked<'_>, sent: &v1::ClaimMapping, stored: ClaimMapping) -> Result<ClaimMapping, Refusal> {
        let mut beside = beside(asked);
        // One that registered itself is not among them, and stays.
        beside.clients.extend(stored.client.clone());
        fit::changed(&beside, stored, sent)
    }

    fn admit(tenant: &TenantSlug, thing: &ClaimMapping, others: &[&ClaimMapping]) -> Result<(), Refusal> {
        fit::admit(tenant, thing, others.iter().copied())
    }

    /// No client goes that a mapping is for still.
    async fn fit(asked: &Asked<'_>, things: &[&ClaimMapping]) -> Result<(), Refusal> {
        for thing in things {
            if let Some(client) = &thing.client
                && asked.removes(&client.id).await?
            {
                return Err(Refusal::field(place(asked, thing), MUST_BE_THERE));
            }
        }
        Ok(())
    }

    async fn release(to: Writing<'_>, before: &ClaimMapping, after: &ClaimMapping) -> Result<(), WriteError> {
        write::release(to, before, after).await
    }

    async fn insert(to: Writing<'_>, thing: &ClaimMapping) -> Result<(), WriteError> {
        write::insert(to, thing).await
    }

    async fn update(to: Writing<'_>, before: &ClaimMapping, after: &ClaimMapping) -> Result<(), WriteError> {
        write::update_released(to, before, after).await
    }

    async fn delete(to: Writing<'_>, thing: &ClaimMapping) -> Result<(), WriteError> {
        write::delete(to, thing).await
    }
}

/// Where in the document a mapping names its client.
fn place(asked: &Asked<'_>, thing: &ClaimMapping) -> String {
    let name = name::within(&asked.tenant.slug, "claimMappings", &thing.slug);
    let found = asked.document.claim_mappings.iter().position(|sent| sent.name == name);
    let at = found.map(|at| format!("[{at}].client"));
    format!("tenant_document.claim_mappings{}", at.unwrap_or_default())
}

fn beside(asked: &Asked<'_>) -> Beside {
    let client = |client: &v1::Client| {
        let (_, id) = name::client("client.name", &client.name).ok()?;
        Some(MappedClient { uid: client.uid.parse().ok()?, id })
    };
    let clients = asked.beside.clients.iter().filter_map(client).collect();
    Beside { tenant: asked.tenant.slug.clone(), scopes: scopes(asked), clients }
}
